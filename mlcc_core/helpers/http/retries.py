"""Repeated requests: pauses that grow, or that the server asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

from mlcc_core.helpers.http.token import Token

Result = TypeVar("Result")

WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try, where the server names none."""

LONGEST_WAIT = 60.0
"""Seconds that a server may ask us to wait; above it the request fails, so that the command does
not seem to hang."""

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that a further try may change."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed.

    Attributes:
        status: of the answer; ``None`` for a lost connection.
        headers: of the answer; names are found in any case.
        final: a further try would fail in the same way.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    final: bool = False


def retry(
    call: Callable[[], Result],
    failure: Callable[[Exception], Failure | None],
    *,
    token: Token | None = None,
    progressed: Callable[[], bool] = lambda: False,
) -> Result:
    """Return the result of ``call``, repeated until it succeeds, is refused, or patience ends.

    Args:
        call: sends a request, with the token as it is then.
        failure: describes an error of ``call``; ``None`` for one that is not of the network.
        token: asked for when the server refuses a request that was sent without it.
        progressed: returns whether the failed try brought bytes; then it does not count.

    Raises:
        Exception: the last error of ``call``.
    """
    tries = 0
    while True:
        sent_token = token is not None and token.value is not None
        try:
            return call()
        except Exception as error:
            failed = failure(error)
            if failed is None:
                raise
            if token is not None and not sent_token and token.answers(failed.status):
                continue
            tries = 0 if progressed() else tries + 1
            pause = _pause(failed, tries)
            if pause is None:
                raise
            time.sleep(pause)


def _pause(failed: Failure, tries: int) -> float | None:
    """Return seconds to wait before the next try; ``None`` to give up."""
    unchanging = failed.status is not None and failed.status not in TRANSIENT
    if failed.final or unchanging or tries > len(WAITS):
        return None
    asked = asked_wait(failed.headers)
    if asked is None:
        return WAITS[max(tries, 1) - 1]
    return asked if asked <= LONGEST_WAIT else None


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, by ``RateLimit`` or ``Retry-After``.

    A ``RateLimit`` that has requests left does not count: it comes with every answer.

    Example:
        >>> asked_wait({"RateLimit": '"api";r=0;t=55'})
        55.0
        >>> asked_wait({"Retry-After": "7"})
        7.0
    """
    limit = dict(
        part.strip().partition("=")[::2] for part in headers.get("RateLimit", "").split(";")
    )
    seconds = limit.get("t", "")
    if seconds.isdecimal() and limit.get("r", "0") == "0":
        return float(seconds)
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
