"""The two streams of the process: open, printable, and allowed to lose their readers."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


def open_streams() -> None:
    """Make both streams print any character, and open a closed one (``>&-``) to nowhere."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    """Open a stream to nowhere that stays open for as long as the process lives."""
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


@contextmanager
def reader_may_go(stream: TextIO) -> Iterator[None]:
    """Write to ``stream`` in the block; go on in silence where its reader has gone.

    A command's exit code is its verdict; ``mlcc check … | head -1`` must not change it.
    """
    try:
        yield
    except BrokenPipeError:
        silence(stream)


def reader_has_gone() -> bool:
    """Return True where stdout is a pipe without a reader."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except OSError:
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def silence(stream: TextIO) -> None:
    """Discard all further output to ``stream``, and the rest of its buffer."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
