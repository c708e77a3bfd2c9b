"""Follow a job to its end, through throttling, lost connections and Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable

from mlcc_core.errors import Interrupted, PlatformError
from mlcc_core.job import JobState
from mlcc_core.platform import Context, Platform

PATIENCE = 900.0
"""Seconds of passing errors in a row after which watching gives up; the job goes on."""


def watch(
    platform: Platform,
    context: Context,
    name: str,
    *,
    interval: float,
    seen: Callable[[JobState], None],
    come_back: str,
) -> JobState:
    """Look at a job every ``interval`` seconds until it ends.

    Args:
        seen: called with every state, the final one included.
        come_back: the command that goes on watching, for messages.

    Returns:
        The final state.

    Raises:
        Interrupted: Ctrl-C; the job goes on.
        PlatformError: the platform cannot be asked; the job goes on.
    """
    troubled_since: float | None = None
    try:
        while True:
            try:
                state = platform.describe(context, name)
            except PlatformError as error:
                now = time.monotonic()
                troubled_since = troubled_since or now
                if not error.passing or now - troubled_since > PATIENCE:
                    raise _lost(name, error, come_back) from error
                context.say(f"⚠️  {error.what} Still watching; the job is not affected.")
            else:
                troubled_since = None
                seen(state)
                if state.final:
                    return state
            time.sleep(interval)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; the job {name} goes on.",
            detail=(f"Watch it again: {come_back}",),
            hint="./do/tune --status",
        ) from None


def _lost(name: str, error: PlatformError, come_back: str) -> PlatformError:
    return PlatformError(
        f"The job {name} cannot be watched any more, but it is not affected: {error.what}",
        where=error.where,
        detail=(*error.detail, *((error.hint,) if error.hint else ())),
        hint=come_back,
    )
