"""Errands: work before a job that runs in a process of its own.

A user's reward function may crash, hang or print; torch takes memory that the command would keep
while it watches. So both go to a child, ``python -m mlcc_local.job.worker_main``, which is told
what to do on its standard input and answers on a file descriptor of its own; nothing it does can
block us.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from mlcc_core import ExitCode, JobError, MlccError, PlatformError
from mlcc_core.helpers import KILLED_CODES, killed_process

PRINTED_BYTES = 64 * 1024
PRINTED_LINES = 5
"""Lines that the child printed which are shown when it fails."""


FAULTS: Mapping[int, type[MlccError]] = {
    ExitCode.JOB: JobError,
    ExitCode.PLATFORM: PlatformError,
}
"""Classes of errors by the exit code that the child answers; others are the input's."""


def run_worker(task: str, arguments: Mapping[str, object], root: Path, seconds: float) -> list[str]:
    """Have a child do ``task`` (see :mod:`mlcc_local.job.worker_main`); its lines for the user.

    Args:
        task: the task's name.
        arguments: JSON-like.
        root: the folder it runs in.
        seconds: after which it is killed, with whatever it started.

    Raises:
        MlccError, JobError, PlatformError: as the task; it took too long, or its process died.
    """
    with TemporaryFile() as asked, TemporaryFile() as printed, TemporaryFile() as answer:
        asked.write(json.dumps(arguments).encode())
        asked.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "mlcc_local.job.worker_main", task, str(answer.fileno())],
            stdin=asked,
            stdout=printed,
            stderr=printed,
            cwd=root,
            pass_fds=(answer.fileno(),),
            start_new_session=True,
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise MlccError(f"The {task} took longer than {seconds:g} seconds.") from None
        finally:
            with suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        answer.seek(0)
        return _answer(task, answer.read(), tail(printed), code)


def tail(file: IO[bytes]) -> list[str]:
    """The last lines of what was printed."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - PRINTED_BYTES))
    lines = file.read(PRINTED_BYTES).decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.strip()][-PRINTED_LINES:]


def _answer(task: str, text: bytes, said: list[str], code: int) -> list[str]:
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError:
        if code in KILLED_CODES:
            raise killed_process(f"The {task} gave no answer: its process", code, said) from None
        cause = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise MlccError(f"The {task} gave no answer: its process {cause}.", detail=said) from None
    if "error" not in answer:
        return [str(line) for line in answer["lines"]]
    error = answer["error"]
    raise FAULTS.get(error["exit_code"], MlccError)(
        error["what"],
        where=error["where"],
        hint=error["hint"],
        detail=[*error["detail"], *said],
    )
