"""All processes of a container: those that its entry point starts, in whatever session, too."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "AWS_ACCOUNT_CONTAINER"
"""The environment variable that every process of a container inherits."""

PROC = Path("/proc")
PATIENCE = 5.0
"""Seconds for the kernel to end them."""


def kill(group: int | None, mark: str) -> None:
    """End everything that belongs to the container, as the end of its first process does.

    Args:
        group: the process group of its entry point, while that still runs.
        mark: the value of ``MARK``; without ``/proc``, only the group is found.
    """
    if group is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    entry = f"{MARK}={mark}".encode()
    end = time.monotonic() + PATIENCE
    while (found := list(_marked(entry))) and time.monotonic() < end:
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)  # until they are gone, and what they have started meanwhile, too


def _marked(entry: bytes) -> Iterator[int]:
    if not PROC.is_dir():
        return
    for folder in PROC.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if entry in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)
