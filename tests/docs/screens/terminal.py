"""A command in a terminal of its own, and what it leaves on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyte

COLUMNS = 80
EMOJI_FORM = "\ufe0f".encode()
"""The character after which pyte leaves out the rest of a text; it takes no column."""

ROWS = 400
"""More than any command prints: nothing scrolls away."""


@dataclass(frozen=True)
class Run:
    """Characters of a line that look alike.

    Attributes:
        column: where they begin.
        text: they themselves.
        color: a name of pyte's (`red`), six hexadecimal digits, or `default`.
        bold, dim, reverse: how they are written.
    """

    column: int
    text: str
    color: str = "default"
    bold: bool = False
    dim: bool = False
    reverse: bool = False


Line = tuple[Run, ...]


def record(
    command: str, folder: Path, environment: Mapping[str, str], *, seconds: float, typed: str = ""
) -> tuple[int, list[Line]]:
    """Run a command in a terminal of 80 columns.

    Args:
        command: for bash.
        folder: where it runs.
        environment: all its variables.
        seconds: in which it must end.
        typed: what somebody types at it.

    Returns:
        Its exit code, and the lines of the screen down to the last that is not empty.
    """
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(mine, typed.encode())
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if select.select([mine], [], [], 1)[0]:
                try:
                    data = os.read(mine, 1 << 16)
                except OSError:  # the other end is closed
                    break
                if not data:
                    break
                stream.feed(data.replace(EMOJI_FORM, b""))
        else:
            os.killpg(process.pid, signal.SIGKILL)
            raise TimeoutError(f"{command} takes longer than {seconds} s")
    finally:
        os.close(mine)
    return process.wait(), lines_of(screen)


def lines_of(screen: pyte.Screen) -> list[Line]:
    """Return the lines of a screen as runs."""
    lines = [line_of(screen, row) for row in range(ROWS)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def line_of(screen: pyte.Screen, row: int) -> Line:
    """Return one line; the blanks at its end are left out."""
    runs: list[Run] = []
    for column in range(COLUMNS):
        char = screen.buffer[row][column]
        if not char.data:  # the second half of a wide character
            continue
        last = runs[-1] if runs else None
        look = (char.fg, char.bold, getattr(char, "dim", False), char.reverse)
        if last and look == (last.color, last.bold, last.dim, last.reverse):
            runs[-1] = Run(last.column, last.text + char.data, *look)
        else:
            runs.append(Run(column, char.data, *look))
    while runs and not runs[-1].text.strip():
        runs.pop()
    if runs:
        last = runs.pop()
        runs.append(replace(last, text=last.text.rstrip()))
    return tuple(runs)


def text_of(lines: list[Line]) -> str:
    """Return what stands on the lines, without colours."""
    shown = []
    for line in lines:
        text = ""
        for run in line:
            text += " " * (run.column - width(text)) + run.text
        shown.append(text)
    return "\n".join(shown)


def width(text: str) -> int:
    """Return the columns that a text takes."""
    from wcwidth import wcswidth

    return max(0, wcswidth(text))
