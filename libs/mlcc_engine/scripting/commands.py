"""Commands of a job, one after the other: their lines passed on, a signal to stop obeyed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from mlcc_engine import orphans
from mlcc_engine.container.layout import PROGRESS

KEPT_LINES = 50
"""Last lines of a command that are kept for the reason of its failure."""

BLOCK = 64 * 1024

DRAIN_SECONDS = 5.0
"""Seconds that lines may still come once a command has ended: what it started holds its output."""

PROGRESS_FILE = "progress.jsonl"


class Commands:
    """Runs the commands of one job.

    SIGTERM is passed on to the command that runs; after ``grace`` seconds it is killed. No further
    one is run.

    Args:
        folder: of the job; lines of progress are added to its ``progress.jsonl``.
        grace: seconds to end in.

    Attributes:
        told: a signal said to stop.
        lines: the last lines of the command that ran last.
    """

    def __init__(self, folder: Path, grace: float) -> None:
        self.told = False
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._folder = folder
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None

    def listen(self) -> None:
        """Have signals call this object, in the main thread of a process."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGALRM, self._kill)

    def run(self, words: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
        """Run a command to its end.

        Args:
            words: the program and its arguments.
            folder: that it runs in.
            environment: all its variables.

        Returns:
            Its exit code; below 0, the signal that ended it.

        Raises:
            OSError: it cannot be started.
        """
        self.lines.clear()
        self._process = None
        if self.told:
            return -signal.SIGTERM
        return self._run(words, folder, environment)

    def _run(self, words: Sequence[str], folder: str, environment: Mapping[str, str]) -> int:
        with orphans.ended_with_this_process():
            self._process = subprocess.Popen(  # noqa: S603 - what the job is asked to run
                words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            if self.told:  # between the last look and the start
                self._stop(signal.SIGTERM, None)
            return self._followed(self._process)

    def _followed(self, process: subprocess.Popen[bytes]) -> int:
        reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        reader.start()
        code = process.wait()
        signal.setitimer(signal.ITIMER_REAL, 0)
        orphans.end_children()
        reader.join(DRAIN_SECONDS)
        return code

    def _read(self, output: IO[bytes]) -> None:
        line = b""
        while block := os.read(output.fileno(), BLOCK):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
            *whole, line = (line[-BLOCK:] + block).split(b"\n")
            for each in whole:
                self._line(each)
        if line:
            self._line(line)

    def _line(self, raw: bytes) -> None:
        text = raw.decode("utf-8", "replace").rstrip("\r")
        if not self._noted(text):
            # A bar of progress writes over its line: the last of it is the line.
            self.lines.append(text.rpartition("\r")[2])

    def _noted(self, line: str) -> bool:
        """Add a line of progress to the job's file; others are none."""
        if not line.startswith(PROGRESS):
            return False
        try:
            values = json.loads(line.removeprefix(PROGRESS))
        except ValueError:
            return False
        if not isinstance(values, dict):
            return False
        text = json.dumps({"time": round(time.time(), 3), **values}) + "\n"
        with (self._folder / PROGRESS_FILE).open("a", encoding="utf-8") as file:
            file.write(text)
        return True

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.told = True
        process = self._process
        if process is not None:
            process.send_signal(signal.SIGTERM)
            signal.setitimer(signal.ITIMER_REAL, self._grace)

    def _kill(self, _signum: int, _frame: FrameType | None) -> None:
        process = self._process
        if process is not None:
            process.kill()
