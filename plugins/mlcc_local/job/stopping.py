"""Stopping a job: asked first, and killed if it does not listen."""

from __future__ import annotations

import signal
from collections.abc import Callable

from mlcc_core.helpers import disk_errors
from mlcc_local.job import process, state
from mlcc_local.job.folders import JobFolder

GRACE = 30.0
"""Seconds that a job has to end by itself; a step of a large model takes a while."""

LAST_WAIT = 10.0
"""Seconds until the kernel has taken a killed process down."""


def stop_job(folder: JobFolder, say: Callable[[str], None], grace: float = GRACE) -> None:
    """Stop the job; a finished one is left as it is.

    A job that has not begun never will: its mark is read under the lock, before all else.

    Raises:
        PlatformError: it belongs to another user, or runs in another container.
    """
    if state.describe(folder).final:
        return
    with disk_errors(doing="stop the job"):
        folder.stop.touch()
    process.send(folder.lock, signal.SIGTERM)
    if process.wait_until_gone(folder.lock, grace):
        return
    say(f"{folder.name} did not end within {grace:g} seconds; it is killed.")
    process.send(folder.lock, signal.SIGKILL)
    process.wait_until_gone(folder.lock, LAST_WAIT)
