"""The parent's side of a process of its own that does tasks, for as long as it is wanted.

A user's reward function may crash, hang or print; torch takes memory that a command would keep, and
seconds to import. So they go to children, which read tasks from their standard input and answer on
a file descriptor of their own (:mod:`mlcc_engine.child.tasks`); nothing they do can block us.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from mlcc_core import ExitCode, JobError, MlccError, PlatformError, PromptTooLong

PRINTED_BYTES = 64 * 1024
PRINTED_LINES = 5
"""Lines that the child printed which are shown when it fails."""

LOOK_SECONDS = 0.2
"""Seconds between looks at a child that does not answer."""

ERROR_BY_EXIT_CODE: Mapping[int, type[MlccError]] = {
    ExitCode.JOB: JobError,
    ExitCode.PLATFORM: PlatformError,
}
"""Classes of errors by the exit code that the child answers; others are the input's."""


class Late(Exception):
    """The child has not answered in time."""


class Child:
    """A process that does tasks, until it is closed or this process ends.

    Args:
        module: that runs as its program: ``mlcc_engine.answers``.
        root: the folder it runs in.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, module: str, root: Path) -> None:
        self._printed = TemporaryFile()  # noqa: SIM115 - closed with the child
        self._answers, answers = os.pipe()
        self._unread = b""
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-u", "-m", module, str(answers)],
            stdin=subprocess.PIPE,
            stdout=self._printed,
            stderr=self._printed,
            cwd=root,
            pass_fds=(answers,),
            start_new_session=True,
        )
        os.close(answers)
        self.close = weakref.finalize(self, _end, self._process, self._answers, self._printed)

    def ask(self, task: str, arguments: Mapping[str, object]) -> None:
        """Give the child a task; one that has died is noticed by its answer."""
        line = json.dumps({"task": task, "arguments": arguments}).encode() + b"\n"
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def answer(self, seconds: float | None = None) -> Mapping[str, Any] | None:
        """Read one answer.

        Args:
            seconds: after which it is late; ``None`` waits for as long as the child lives.

        Returns:
            ``None`` from a child that has died.

        Raises:
            Late: it has not come in time.
        """
        text = self._line(None if seconds is None else time.monotonic() + seconds)
        try:
            document = json.loads(text)
        except ValueError:
            return None  # a part of one
        return document if isinstance(document, dict) else None

    def printed(self, start: int = 0) -> list[str]:
        """Return the last lines of what was printed after byte ``start``."""
        return tail(self._printed, start)

    def size_printed(self) -> int:
        """Return how many bytes were printed so far."""
        return os.fstat(self._printed.fileno()).st_size

    def exit_code(self) -> int | None:
        """Return the exit code of a child that has died; ``None`` while it lives."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(LOOK_SECONDS)
        return None

    def lives(self) -> bool:
        """Return whether the child can be asked; one that was idle for long has ended."""
        return self._process.poll() is None

    def keep(self) -> None:
        """Let the child outlive us from now on, whatever happens."""
        self.close.detach()

    def let_go(self) -> None:
        """Close what connects us with a child that outlives us; it is reaped when it ends."""
        threading.Thread(target=self._process.wait, name="reap", daemon=True).start()
        _close(self._process, self._answers, self._printed)

    def kill(self) -> None:
        """Kill the child with all that it started; answers from before can still be read."""
        if self._process.poll() is None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill a child that was to outlive us."""
        _end(self._process, self._answers, self._printed)

    def _line(self, deadline: float | None) -> bytes:
        """Read one line; part of one from a child that died."""
        while b"\n" not in self._unread:
            if select.select([self._answers], [], [], LOOK_SECONDS)[0]:
                part = os.read(self._answers, PRINTED_BYTES)
                if not part:
                    break
                self._unread += part
            elif self._process.poll() is not None:
                break  # a process that it left behind may hold the descriptor
            elif deadline is not None and time.monotonic() > deadline:
                raise Late
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def error_in(error: Mapping[str, Any], printed: list[str]) -> MlccError:
    """Return the error that a child answered, with what it printed as further lines."""
    kind = ERROR_BY_EXIT_CODE.get(error["exit_code"], MlccError)
    return (PromptTooLong if error.get("too_long") else kind)(
        error["what"],
        where=error["where"],
        hint=error["hint"],
        detail=[*error["detail"], *printed],
    )


def tail(file: IO[bytes], start: int = 0) -> list[str]:
    """Return the last lines of what was printed after byte ``start``.

    The file's offset, which the child shares, stays.
    """
    size = os.fstat(file.fileno()).st_size
    text = os.pread(file.fileno(), PRINTED_BYTES, max(start, size - PRINTED_BYTES))
    lines = text.decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.strip()][-PRINTED_LINES:]


def _end(child: subprocess.Popen[bytes], answers: int, printed: IO[bytes]) -> None:
    """Kill a child with all that it started."""
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    _close(child, answers, printed)


def _close(child: subprocess.Popen[bytes], answers: int, printed: IO[bytes]) -> None:
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    os.close(answers)
    printed.close()
