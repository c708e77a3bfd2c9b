"""Stopping a job: asked first, and killed if it does not listen."""

from __future__ import annotations

import signal
from collections.abc import Callable

from mlcc_folders.job import process
from mlcc_folders.job.folders import JobFolder

GRACE = 30.0
"""Seconds that a job has to end by itself; a step of a large model takes a while."""

LAST_WAIT = 10.0
"""Seconds until the kernel has taken a killed process down."""


def end_process(folder: JobFolder, say: Callable[[str], None], grace: float = GRACE) -> None:
    """End the process of a job that was asked to stop.

    A job that has not begun never will: its mark is read under the lock, before all else.

    Args:
        folder: of the job; its file ``stop`` is there.
        say: shows a line to the user.
        grace: seconds that the job has to end by itself.

    Raises:
        PlatformError: it belongs to another user, or runs in another container.
    """
    process.send(folder.lock, signal.SIGTERM)
    if process.wait_until_gone(folder.lock, grace):
        return
    say(f"{folder.name} did not end within {grace:g} seconds; it is killed.")
    process.send(folder.lock, signal.SIGKILL)
    process.wait_until_gone(folder.lock, LAST_WAIT)
