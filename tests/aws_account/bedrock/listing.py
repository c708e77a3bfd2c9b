"""Lists of Bedrock: filtered by name and time, in pages, with members in lower camel case."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from tests.aws_account.account import Params
from tests.aws_account.door.answers import invalid

PAGE = 100


def chosen(
    params: Params, records: Iterable[Mapping[str, Any]], name: str
) -> list[Mapping[str, Any]]:
    """Filter by a part of the name, and sort by the time of creation."""
    wanted = str(params.get("nameContains", "")).casefold()
    kept = [record for record in records if wanted in str(record[name]).casefold()]
    kept.sort(key=lambda record: record["creationTime"])
    return kept if params.get("sortOrder") == "Ascending" else kept[::-1]


def page(params: Params, records: list[Mapping[str, Any]], under: str) -> dict[str, Any]:
    """One page with the token of the next.

    Raises:
        ServiceError: the token is none of ours.
    """
    try:
        start = int(base64.b64decode(params.get("nextToken") or b"MA=="))
    except ValueError:
        raise invalid("Invalid pagination token.") from None
    size = min(int(params.get("maxResults") or PAGE), PAGE)
    answer: dict[str, Any] = {under: records[start : start + size]}
    if start + size < len(records):
        answer["nextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return answer
