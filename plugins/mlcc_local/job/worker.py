"""A process of its own for work before a job: the forecast, and the trial of an evaluator.

A user's reward function may crash, hang or print; torch takes memory that the command would keep
while it watches, and seconds to import. So they go to children,
``python -m mlcc_local.job.worker_main``, which reads tasks from its standard input and answers on a
file descriptor of its own; nothing it does can block us. Where a job follows, the child that
forecast it becomes its process, so that torch is imported once; a user's function is tried in
another, because its code may leave things behind.
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

from mlcc_core import ExitCode, JobError, MlccError, PlatformError
from mlcc_core.helpers import KILLED_CODES, killed_process
from mlcc_folders.job.folders import JobFolder

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


class Worker:
    """A child process that does one task after another, until it is closed or we end.

    Args:
        root: the folder it runs in.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._printed = TemporaryFile()  # noqa: SIM115 - closed with the child
        self._answers, answers = os.pipe()
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-u", "-m", "mlcc_local.job.worker_main", str(answers)],
            stdin=subprocess.PIPE,
            stdout=self._printed,
            stderr=self._printed,
            cwd=root,
            pass_fds=(answers,),
            start_new_session=True,
        )
        os.close(answers)
        self.close = weakref.finalize(self, _end, self._child, self._answers, self._printed)

    def run(self, task: str, arguments: Mapping[str, object], seconds: float) -> list[str]:
        """Have the child do ``task``.

        Args:
            task: the task's name (see :data:`mlcc_local.job.worker_main.TASKS`).
            arguments: JSON-like.
            seconds: after which it counts as hanging.

        Returns:
            Its lines for the user.

        Raises:
            MlccError, JobError, PlatformError: as the task; it took too long, or its process died.
        """
        printed_before = os.fstat(self._printed.fileno()).st_size
        self._ask(task, arguments)
        text = self._answer(time.monotonic() + seconds)
        if text is None:
            raise MlccError(f"The {task} took longer than {seconds:g} seconds.")
        printed = tail(self._printed, printed_before)
        try:
            answer = json.loads(text)
        except ValueError:
            raise self._died(task, printed) from None
        return _lines(answer, printed)

    def become(self, folder: JobFolder, seconds: float) -> bool:
        """Have the child become the process of the job in ``folder``, which outlives us.

        Args:
            folder: of the job.
            seconds: within which it must begin, or must not any more.

        Returns:
            Whether it holds the job's lock now.
        """
        # From here on it is no longer ours to end, even if we are interrupted.
        self.close.detach()
        self._ask("job", {"folder": str(folder.path), "deadline": time.monotonic() + seconds})
        begun = bool(self._answer(time.monotonic() + seconds))
        if begun:
            threading.Thread(target=self._child.wait, name="reap", daemon=True).start()
            _close(self._child, self._answers, self._printed)
        else:
            _end(self._child, self._answers, self._printed)
        return begun

    def lives(self) -> bool:
        """Return whether the child can be asked; one that was idle for long has ended."""
        return self._child.poll() is None

    def _ask(self, task: str, arguments: Mapping[str, object]) -> None:
        line = json.dumps({"task": task, "arguments": arguments}).encode() + b"\n"
        if self._child.stdin is not None:
            with suppress(BrokenPipeError):
                self._child.stdin.write(line)
                self._child.stdin.flush()

    def _answer(self, deadline: float) -> bytes | None:
        """Read one line; part of one from a child that died, ``None`` at the deadline."""
        text = b""
        while not text.endswith(b"\n"):
            if select.select([self._answers], [], [], LOOK_SECONDS)[0]:
                part = os.read(self._answers, PRINTED_BYTES)
                if not part:
                    return text
                text += part
            elif self._child.poll() is not None:
                return text  # a process that it left behind may hold the descriptor
            elif time.monotonic() > deadline:
                return None
        return text

    def _died(self, task: str, printed: list[str]) -> MlccError:
        try:
            code = self._child.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            return MlccError(f"The {task} gave no answer.", detail=printed)
        if code in KILLED_CODES:
            return killed_process(f"The {task} gave no answer: its process", code, printed)
        cause = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return MlccError(f"The {task} gave no answer: its process {cause}.", detail=printed)


def run_worker(task: str, arguments: Mapping[str, object], root: Path, seconds: float) -> list[str]:
    """Have a child of its own do ``task``; arguments and errors as for :meth:`Worker.run`."""
    worker = Worker(root)
    try:
        return worker.run(task, arguments, seconds)
    finally:
        worker.close()


def tail(file: IO[bytes], start: int = 0) -> list[str]:
    """Return the last lines of what was printed after byte ``start``.

    The file's offset, which the child shares, stays.
    """
    size = os.fstat(file.fileno()).st_size
    text = os.pread(file.fileno(), PRINTED_BYTES, max(start, size - PRINTED_BYTES))
    lines = text.decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.strip()][-PRINTED_LINES:]


def _lines(answer: Mapping[str, Any], printed: list[str]) -> list[str]:
    if "error" not in answer:
        return [str(line) for line in answer["lines"]]
    error = answer["error"]
    raise ERROR_BY_EXIT_CODE.get(error["exit_code"], MlccError)(
        error["what"],
        where=error["where"],
        hint=error["hint"],
        detail=[*error["detail"], *printed],
    )


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
