"""``log.txt``: what the process of a job printed."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mlcc_core.helpers import disk_errors

BLOCK = 64 * 1024
LINE_CHARACTERS = 300
POLL = 0.2
"""Seconds between two looks at a log that is followed."""


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of ``path`` that are not blank, each shortened; none when it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - BLOCK))
            text = file.read(BLOCK).decode("utf-8", "replace")
    except OSError:
        return []
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [
        line if len(line) <= LINE_CHARACTERS else line[: LINE_CHARACTERS - 1] + "…"
        for line in lines[-count:]
    ]


def read_lines(path: Path, goes_on: Callable[[], bool]) -> Iterator[str]:
    """Lines of ``path`` without their newlines, as they come.

    Args:
        path: the log file.
        goes_on: whether more may come; asked before each look, so that the last one sees all.

    Raises:
        PlatformError: it cannot be read.
    """
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    rest = ""
    for block in _blocks(path, goes_on):
        *lines, rest = (rest + decode(block)).split("\n")
        yield from lines
    if rest:
        yield rest


def _blocks(path: Path, goes_on: Callable[[], bool]) -> Iterator[bytes]:
    position = 0
    while True:
        more = goes_on()
        if path.exists():
            with disk_errors(doing="read the log"), path.open("rb") as file:
                file.seek(position)
                while block := file.read(BLOCK):
                    position += len(block)
                    yield block
        if not more:
            return
        time.sleep(POLL)
