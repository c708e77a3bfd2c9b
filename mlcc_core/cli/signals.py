"""SIGTERM and SIGHUP are handled as interrupts: clean up, say how to come back, end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

ENDING = (signal.SIGTERM, signal.SIGHUP)


class Termination:
    """The signal that ended a command.

    Attributes:
        number: of the signal; ``None`` as long as none came.
    """

    number: int | None = None


class TerminationSignal(KeyboardInterrupt):
    """An interrupt by one of the signals."""


@contextmanager
def ending_is_an_interrupt() -> Iterator[Termination]:
    """Raise :class:`TerminationSignal` in the block when a signal comes that would end the process.

    A signal that is ignored (``nohup``) or handled already stays so.
    """
    termination = Termination()

    def interrupt(number: int, _: FrameType | None) -> None:
        termination.number = number
        raise TerminationSignal

    replaced = [number for number in ENDING if signal.getsignal(number) == signal.SIG_DFL]
    # Only the main thread may; elsewhere the signals keep their meaning.
    with suppress(ValueError):
        for number in replaced:
            signal.signal(number, interrupt)
    try:
        yield termination
    finally:
        with suppress(ValueError):
            for number in replaced:
                signal.signal(number, signal.SIG_DFL)


@contextmanager
def ignore_sigint() -> Iterator[None]:
    """Ignore Ctrl-C in the block, which prints the last lines: they must come out whole."""
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread may; elsewhere, and for a handler that is not Python's, nothing changes.
    with suppress(ValueError):
        if before is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        with suppress(ValueError):
            if before is not None:
                signal.signal(signal.SIGINT, before)


def leave_at_once(code: int) -> NoReturn:
    """End the process without waiting for threads that read from a server that may hang."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
