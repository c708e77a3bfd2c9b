"""Keys that are typed while nothing reads them: shown once, by the prompt that takes them."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

LOCAL_MODES = 3
"""The place of the flags with ``ECHO`` among a terminal's attributes."""


@contextmanager
def silent_keys() -> Iterator[None]:
    """Have the terminal of standard input show no keys in the block, as a prompt does by itself."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = [*before]
    silent[LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
