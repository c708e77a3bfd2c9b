"""Output of plugins: what they print goes to stderr, so that results on stdout stay whole.

A thread counts, not the process: a call that never comes back, in a thread of its own, does not
take the command's own output with it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_INSIDE = threading.local()
_LOCK = threading.Lock()


class _Output:
    """A stream that is stderr for threads inside a plugin, and stdout for all others."""

    def __init__(self, stdout: Any) -> None:
        self.stdout = stdout
        self.users = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if getattr(_INSIDE, "depth", 0) else self.stdout, name)


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what this thread prints in the block to stderr."""
    output = _entered()
    _INSIDE.depth = getattr(_INSIDE, "depth", 0) + 1
    try:
        yield
    finally:
        _INSIDE.depth -= 1
        _left(output)


def _entered() -> _Output:
    with _LOCK:
        output = sys.stdout if isinstance(sys.stdout, _Output) else _Output(sys.stdout)
        output.users += 1
        sys.stdout = output
        return output


def _left(output: _Output) -> None:
    with _LOCK:
        output.users -= 1
        if not output.users and sys.stdout is output:
            sys.stdout = output.stdout
