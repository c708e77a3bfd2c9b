"""The lines of a training, handed on from its process and its folder to standard output."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import IO

from mlcc_engine.container.layout import PROGRESS, RESULT, WARNING

FILES = {"progress.jsonl": PROGRESS, "warnings.txt": WARNING}
"""Files of a job's folder whose lines are for programs, too, and the marks that these get."""


OURS = (PROGRESS, RESULT)


class Relay:
    """Prints what a process says, and beside it what it writes for programs, in that order.

    The process writes to its files before it says so; hence each line that it says is a moment to
    look into them.

    Args:
        folder: of the job.
        leads: this host speaks for the job; others hand on the lines for people alone.
    """

    def __init__(self, folder: Path, *, leads: bool) -> None:
        self._folder = folder
        self._read = dict.fromkeys(FILES, 0) if leads else {}
        self._thread: threading.Thread | None = None

    def follow(self, said: IO[str]) -> None:
        """Hand on the lines of a process until it has closed its end, in a thread."""
        self._thread = threading.Thread(target=self._hand_on, args=(said,), daemon=True)
        self._thread.start()

    def finish(self, seconds: float = 5.0) -> None:
        """Hand on what is left of a process that has ended.

        Args:
            seconds: to wait for the end of what it says: its own children may hold that open.
        """
        if self._thread is not None:
            self._thread.join(seconds)
        self._look()

    def _hand_on(self, said: IO[str]) -> None:
        for line in said:
            self._look()
            if not _is_ours(line):
                show(line.rstrip("\n"))

    def _look(self) -> None:
        for name, at in self._read.items():
            try:
                with (self._folder / name).open("rb") as file:
                    file.seek(at)
                    new, _, _ = file.read().rpartition(b"\n")
            except OSError:
                continue
            self._read[name] = at + len(new) + bool(new)
            for line in new.decode(errors="replace").splitlines():
                show(FILES[name] + (line if name.endswith(".jsonl") else _warning(line)))


def _is_ours(line: str) -> bool:
    """Return whether a line is one that this side prints alone: a script's progress is in a file.

    A document that is damaged is a line like others.
    """
    mark = next((mark for mark in OURS if line.startswith(mark)), None)
    try:
        return mark is not None and isinstance(json.loads(line.removeprefix(mark)), dict)
    except ValueError:
        return False


def _warning(line: str) -> str:
    return json.dumps({"warning": line}, ensure_ascii=False)


def show(line: str) -> None:
    """Print a line at once and whole, so that none runs into another."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
