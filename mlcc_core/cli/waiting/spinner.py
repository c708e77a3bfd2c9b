"""The spinner: drawn on a terminal within a second of silence, a plain line in a log.

One thread looks at all commands; none has to ask for it. Everything that prints says so first
(:func:`clear`), and what draws by itself keeps the spinner away meanwhile (:func:`hushed`).
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from mlcc_core.cli.waiting.line import fitted, marks

SILENCE = 0.7
"""Seconds after which a terminal shows the spinner; a log gets a line if it has none yet."""

LOG_SILENCE = 30.0
"""Seconds after which a log that has lines gets another one."""

FRAME = 0.1
"""Seconds between two drawings."""

COMPLETING = "_MLCC_COMPLETE"
"""A variable that a shell sets while it completes a word: its line is on the terminal."""

ERASE = "\r\x1b[K"


class Spinner:
    """Watches the silence of one command.

    Args:
        title: says what is done, until :meth:`name` says it better.
    """

    def __init__(self, title: str) -> None:
        self._title = self._default = title
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mlcc-spinner", daemon=True)
        self._hushed = 0
        self._drawn = False
        self._frame = 0
        self._within_line = False
        # A block may catch what is written to stderr, and mean what others write.
        self._stream = sys.stderr
        self._on_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._printed = False
        self._since = self._told = time.monotonic()

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def end(self) -> None:
        """Stop, and leave no trace on the terminal."""
        self._ended.set()
        with self._lock:
            self._erase()
        self._thread.join(1)

    def name(self, title: str) -> None:
        """Take the words for what is done from now on, until something is printed."""
        with self._lock:
            self._title = title

    def draw(self) -> None:
        """Draw without waiting for a silence; in a log, the caller has said something."""
        with self._lock, suppress(OSError, ValueError):
            if self._on_terminal and not self._within_line and _may_draw(begun=self._printed):
                self._draw(0)

    def clear(self, *, within_line: bool = False) -> None:
        """Leave the line to something that is about to be printed.

        Args:
            within_line: it does not end its line, which the spinner must not draw over.
        """
        with self._lock:
            self._erase()
            self._title = self._default
            self._within_line = within_line
            self._printed = True
            self._since = self._told = time.monotonic()

    def hush(self) -> None:
        """Be silent until :meth:`unhush` was called as often as this."""
        with self._lock:
            self._erase()
            self._hushed += 1

    def unhush(self) -> None:
        """Undo one :meth:`hush`."""
        with self._lock:
            self._hushed -= 1
            self._since = self._told = time.monotonic()

    def _watch(self) -> None:
        while not self._ended.wait(FRAME):
            with self._lock, suppress(OSError, ValueError):
                if not (self._hushed or self._within_line or self._ended.is_set()):
                    self._look()

    def _look(self) -> None:
        now = time.monotonic()
        if self._on_terminal:
            if now - self._since >= SILENCE and _may_draw(begun=self._printed):
                self._draw(now - self._since)
        elif now - self._told >= (LOG_SILENCE if self._printed else SILENCE):
            waited = f" {now - self._since:.0f} s" if self._printed else ""
            self._printed = True
            self._told = now
            self._stream.write(f"{self._title} …{waited}\n")
            self._stream.flush()

    def _draw(self, waited: float) -> None:
        frames = marks(self._stream.encoding)
        self._frame = (self._frame + 1) % len(frames)
        seconds = f" {waited:.0f} s" if waited >= 2 else ""
        self._stream.write(f"{ERASE}{fitted(f'{frames[self._frame]} {self._title} …{seconds}')}")
        self._stream.flush()
        self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._drawn = False
            with suppress(OSError, ValueError):
                self._stream.write(ERASE)
                self._stream.flush()


_spinners: list[Spinner] = []
"""The spinner of the process, if a command runs: a terminal has one."""


@contextmanager
def watching(title: str) -> Iterator[None]:
    """Show a sign of life whenever the block is silent.

    Args:
        title: says what is done: ``Checking the dataset``.
    """
    if _spinners or COMPLETING in os.environ:
        yield
        return
    spinner = Spinner(title)
    _spinners.append(spinner)
    spinner.start()
    try:
        with _clearing(sys.stdout):
            yield
    finally:
        _spinners.remove(spinner)
        spinner.end()


@contextmanager
def _clearing(stream: TextIO) -> Iterator[None]:
    """Clear the spinner's line before whatever the block writes, help texts of click included.

    Args:
        stream: one that shares the terminal with the spinner; any other stays as it is.
    """
    if not (stream.isatty() and sys.stderr.isatty()):
        yield
        return
    write = stream.write

    def write_alone(text: str) -> int:
        if text:
            clear(within_line=not text.endswith("\n"))
        return write(text)

    setattr(stream, "write", write_alone)  # noqa: B010 - no type checker allows it otherwise
    try:
        yield
    finally:
        setattr(stream, "write", write)  # noqa: B010 - as above


@contextmanager
def spinning(title: str) -> Iterator[None]:
    """Show the spinner at once: the block is known to take a while.

    Args:
        title: says what is done.
    """
    with watching(title):
        name(title)
        for spinner in _spinners[:1]:
            spinner.draw()
        yield
        clear()


@contextmanager
def hushed() -> Iterator[None]:
    """Keep the spinner away while the block asks or draws by itself."""
    found = _spinners[:1]
    for spinner in found:
        spinner.hush()
    try:
        yield
    finally:
        for spinner in found:
            spinner.unhush()


def clear(*, within_line: bool = False) -> None:
    """Leave the terminal's line to something that is about to be printed.

    Args:
        within_line: it does not end its line.
    """
    for spinner in _spinners[:1]:
        spinner.clear(within_line=within_line)


def name(title: str) -> None:
    """Say what is done from now on: ``Loading the model``."""
    for spinner in _spinners[:1]:
        spinner.name(title)


def rest() -> None:
    """Keep the spinner away until the command ends: it serves others, who may be silent."""
    for spinner in _spinners[:1]:
        spinner.hush()


def _may_draw(*, begun: bool) -> bool:
    """Return False where another program has the terminal: a pager, or a shell's prompt.

    Args:
        begun: something was printed, which a reader of stdout may be showing.
    """
    with suppress(OSError, ValueError):
        if os.tcgetpgrp(sys.stderr.fileno()) != os.getpgrp():
            return False
    with suppress(OSError, ValueError):
        if begun and stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode):
            return False
    return True
