"""Follow a job to its end, through throttling and lost connections."""

from __future__ import annotations

import time
from collections.abc import Callable

from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError, PlatformError, PluginError

PATIENCE = 900.0
"""Seconds of passing errors in a row after which watching gives up; the job goes on."""


class Looks:
    """Looks at one job, through passing errors.

    Args:
        platform: where the job runs.
        context: the surroundings of the project.
        name: of the job.
        say: takes a line when the platform cannot be asked, and one when it can again.
        come_back: the command that goes on watching, for messages.
    """

    def __init__(
        self,
        platform: Platform,
        context: Context,
        name: str,
        *,
        say: Callable[[str], None],
        come_back: str,
    ) -> None:
        self._platform = platform
        self._context = context
        self._name = name
        self._say = say
        self._come_back = come_back
        self._troubled_since: float | None = None

    def now(self) -> JobState | None:
        """Return the state of the job; ``None`` where the platform cannot be asked for a while.

        Raises:
            JobNotFound: the platform has no such job.
            PlatformError: the platform cannot be asked; the job goes on.
        """
        try:
            state = self._platform.runner.describe(self._context, self._name)
        except PlatformError as error:
            now = time.monotonic()
            if self._troubled_since is None:
                self._troubled_since = now
                self._say(f"⚠️  {error.what} The job is not affected; trying again.")
            if not error.transient or now - self._troubled_since > PATIENCE:
                raise lost(self._name, error, self._come_back) from error
            return None
        except PluginError as error:
            raise lost(self._name, error, self._come_back) from error
        if self._troubled_since is not None:
            self._troubled_since = None
            self._say("ℹ️  The platform answers again.")
        return state


def watch(
    platform: Platform,
    context: Context,
    name: str,
    *,
    interval: float,
    seen: Callable[[JobState], None],
    say: Callable[[str], None],
    come_back: str,
    until: float | None = None,
) -> JobState:
    """Look at a job every ``interval`` seconds until it ends.

    Args:
        platform: where the job runs.
        context: the surroundings of the project.
        name: of the job.
        interval: seconds between two looks.
        seen: called with every state, the final one included.
        say: takes a line when the platform cannot be asked, and one when it can again.
        come_back: the command that goes on watching, for messages.
        until: the time of the monotonic clock at which watching ends; ``None`` for no limit.

    Returns:
        The final state.

    Raises:
        JobNotFound: the platform has no such job.
        PlatformError: the platform cannot be asked, or the time is up; the job goes on.
    """
    looks = Looks(platform, context, name, say=say, come_back=come_back)
    while True:
        state = looks.now()
        if state is not None:
            seen(state)
            if state.final:
                return state
        if until is not None and time.monotonic() >= until:
            raise PlatformError(
                f"The job {name} is not over, and the time to wait for it is; it goes on.",
                hint=come_back,
            )
        time.sleep(interval if until is None else min(interval, max(0, until - time.monotonic())))


def lost(name: str, error: MlccError, come_back: str) -> PlatformError:
    """Return the error for a job that cannot be watched: it goes on, and how to come back."""
    return PlatformError(
        f"The job {name} cannot be watched any more, but it is not affected: {error.what}",
        where=error.where,
        detail=(*error.detail, *((error.hint,) if error.hint else ())),
        hint=come_back,
    )
