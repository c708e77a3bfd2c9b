"""A program that ends the containers of a test process which was killed: ``janitor.py FOLDER``.

It waits for the end of its standard input, which comes when the test process ends, however it does.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

MARK = "AWS_ACCOUNT_CONTAINER"
"""The environment variable that every process of a container inherits: the container's folder."""

PROC = Path("/proc")
PATIENCE = 5.0
"""Seconds for the kernel to end processes."""


def end(folder: str) -> None:
    """Kill every process whose mark is this folder or one below, in whatever session it is.

    Args:
        folder: the value of ``MARK``, or a folder above. Without ``/proc``, nothing is found.
    """
    last = time.monotonic() + PATIENCE
    while (found := _marked(f"{MARK}={folder}".encode())) and time.monotonic() < last:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)  # until they are gone, and what they have started meanwhile, too


def _marked(entry: bytes) -> list[int]:
    found = []
    for folder in PROC.iterdir() if PROC.is_dir() else ():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(one == entry or one.startswith(entry + b"/") for one in variables):
                found.append(int(folder.name))
    return found


if __name__ == "__main__":
    sys.stdin.read()
    end(sys.argv[1])
    shutil.rmtree(sys.argv[1], ignore_errors=True)
