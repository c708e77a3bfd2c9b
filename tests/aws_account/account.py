"""What all our services share: the account's number, its clock, its ARNs, pages of lists."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.aws_account.door.answers import ServiceError, invalid

ACCOUNT_ID = "123456789012"
PAGE = 100
Params = Mapping[str, Any]
Result = Mapping[str, Any]


class Clock:
    """The account's time: the machine's, and however much a test sets it forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC) + self._ahead

    def forward(self, seconds: float) -> None:
        """Let this much time pass at once."""
        self._ahead += timedelta(seconds=seconds)

    def reset(self) -> None:
        self._ahead = timedelta()


class Account:
    """Number, region, clock and lock of the account that our services act in.

    Attributes:
        region: of the ARNs.
        lock: held by every operation of ours, so that each is atomic.
        clients: boto3 clients on moto's server, by service, for what our services do with it.
    """

    def __init__(self, region: str, client: Callable[[str], Any]) -> None:
        self.id = ACCOUNT_ID
        self.region = region
        self.clock = Clock()
        self.lock = threading.RLock()
        self._make = client
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str) -> Any:
        """moto's ``service``, past the front door: not logged, no faults."""
        key = service, self.region
        if key not in self._clients:
            self._clients[key] = self._make(service)
        return self._clients[key]

    def arn(self, kind: str, name: str, service: str = "sagemaker") -> str:
        return f"arn:aws:{service}:{self.region}:{self.id}:{kind}/{name}"

    def times(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """``CreationTime`` (kept) and ``LastModifiedTime`` (now) of a record."""
        now = self.clock.now()
        return {"CreationTime": record.get("CreationTime", now), "LastModifiedTime": now}


def last_part(name_or_arn: str) -> str:
    """The name at the end of an ARN, or the name itself."""
    return name_or_arn.rsplit("/", 1)[-1]


def not_found(what: str) -> ServiceError:
    return ServiceError("ResourceNotFound", what)


def in_use(what: str) -> ServiceError:
    return ServiceError("ResourceInUse", what)


def chosen(
    params: Params,
    records: Iterable[Mapping[str, Any]],
    *,
    name: str,
    status: str,
    keys: Mapping[str, str] | None = None,
) -> list[Mapping[str, Any]]:
    """Filter and sort records as the ``List…`` operations do.

    Args:
        params: of the request; NameContains, CreationTimeAfter/Before, SortBy, SortOrder.
        name: member that holds the records' name.
        status: member that holds their status.
        keys: further values of SortBy, with the member that each means.
    """
    members = {"Name": name, "Status": status, "CreationTime": "CreationTime", **(keys or {})}
    after = params.get("CreationTimeAfter", params.get("CreatedAfter"))
    before = params.get("CreationTimeBefore", params.get("CreatedBefore"))
    kept = [
        record
        for record in records
        if params.get("NameContains", "").lower() in record[name].lower()
        and (after is None or record["CreationTime"].timestamp() > _seconds(after))
        and (before is None or record["CreationTime"].timestamp() < _seconds(before))
    ]
    member = members.get(params.get("SortBy", "CreationTime"), "CreationTime")
    kept.sort(key=lambda record: record[member])
    if params.get("SortOrder", "Descending") == "Descending":
        kept.reverse()
    return kept


def page(
    params: Params, records: list[Mapping[str, Any]], under: str, limit: int = PAGE
) -> dict[str, Any]:
    """One page of a list with the token of the next, in the member ``under``.

    Raises:
        ServiceError: the token is none of ours.
    """
    start = _start(params.get("NextToken"))
    size = min(params.get("MaxResults", limit), limit)
    answer: dict[str, Any] = {under: records[start : start + size]}
    if start + size < len(records):
        answer["NextToken"] = base64.b64encode(f"from {start + size}".encode()).decode()
    return answer


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.b64decode(token).decode().partition(" ")
        if word != "from":
            raise ValueError(word)
        return int(number)
    except ValueError:
        raise invalid("Invalid pagination token.") from None


def _seconds(value: Any) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)
