"""The child that trains: started, told to end, killed; its lines handed on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from mlcc_engine import orphans
from mlcc_engine.container.layout import STATE

LAST_WORDS = 5.0
"""Seconds for the lines of a process that has ended: its own children may hold its end open."""


class Training:
    """A process of the training.

    Args:
        folder: with its request.
        environment: of the process, beside this one's.
        on_line: told of every line that it says.
        on_state: told of every state that it enters.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        on_line: Callable[[str], object],
        on_state: Callable[[str], object],
    ) -> None:
        self._on_line, self._on_state = on_line, on_state
        # Its parent's thread is what it dies with: the one that trains, which is this one.
        self._process = subprocess.Popen(  # noqa: S603 - this very Python
            [
                *(sys.executable, "-P", "-u", "-m", "mlcc_ray.cluster.child"),
                *(str(os.getpid()), str(folder)),
            ],
            env={**os.environ, "PYTHONPATH": _path(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._said = threading.Thread(
            target=self._hand_on, args=(self._process.stdout,), name="lines", daemon=True
        )
        self._said.start()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end.

        Returns:
            Its exit code, negative for the signal that ended it; ``None`` while it lives.
        """
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._said.join(LAST_WORDS)
        return code

    def tell(self) -> None:
        """Tell it to end: it may finish the step at hand."""
        with suppress(OSError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, and what it has started."""
        if self._process.poll() is None:
            for pid in (*orphans.descendants(self._process.pid), self._process.pid):
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def _hand_on(self, said: IO[str] | None) -> None:
        for line in said or ():
            state = _state(line)
            if state is None:
                self._on_line(line.rstrip("\n"))
            else:
                self._on_state(state)


def _state(line: str) -> str | None:
    """Return the state that a line for programs tells; ``None`` for one for people."""
    if not line.startswith(STATE):
        return None
    try:
        return str(json.loads(line.removeprefix(STATE))["state"])
    except (ValueError, TypeError, KeyError):
        return None


def _path() -> str:
    """Return where this process finds modules: Ray may have put them on its path alone."""
    return os.pathsep.join(dict.fromkeys(path for path in sys.path if path))
