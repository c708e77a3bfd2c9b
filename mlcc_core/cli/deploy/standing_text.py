"""Lines about everything that stands and costs by the hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlcc_core.cli.console import hint_lines

if TYPE_CHECKING:
    from mlcc_core.actions.money.standing import AllStanding, Stands
    from mlcc_core.contract.money.standing import Standing


def standing_lines(found: AllStanding) -> Iterator[str]:
    """Yield lines about everything that stands; none where nothing does.

    Example:
        💰 endpoint demo-endpoint (InService) since 2026-11-30 12:00 UTC
           ml.g5.2xlarge: $1.52 an hour (AWS price list); expires in 3 h 20 min
           mlcc undeploy
    """
    for thing in found.standing:
        yield from _thing_lines(thing)
    for silent in found.not_asked:
        yield f"ℹ️  Not known of {silent.platform}: what stands and costs. {silent.what}"
        for line in hint_lines(silent.hint or ""):
            yield f"   {line}"


def _thing_lines(thing: Stands) -> Iterator[str]:
    from mlcc_core.actions.money.bill import in_words
    from mlcc_core.actions.money.expiring import clock

    state = f" ({thing.status})" if thing.status else ""
    since = "" if thing.since is None else f" since {clock(thing.since)}"
    orphan = "" if thing.current else ", an orphan: do/config does not name it"
    yield f"{'💰' if thing.current else '⚠️ '} {thing.kind} {thing.name}{state}{since}{orphan}"
    for charge in thing.charges:
        yield f"   {in_words(charge)}"
        if charge.note:
            yield f"   {charge.note}"
    if thing.holds:
        yield f"   holds: {', '.join(thing.holds)}"
    if ends := expiry(thing):
        yield f"   {ends}"
    yield f"   {thing.take_down}"


def expiry(thing: Standing) -> str:
    """Return when a thing expires, in words; nothing where it does not."""
    from mlcc_core.helpers.text import duration_text

    if thing.expires is None:
        return ""
    left = thing.expires - time.time()
    if left > 0:
        return f"expires in {duration_text(left)}"
    return f"expired {duration_text(-left)} ago"
