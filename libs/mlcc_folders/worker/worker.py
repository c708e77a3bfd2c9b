"""A process of its own for work before a job: the forecast, and the trial of an evaluator.

Where a job follows, the child that forecast it (``python -m mlcc_folders.worker.worker_main``)
becomes its process, so that torch is imported once; a user's function is tried in another, because
its code may leave things behind.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import KILLED_CODES, killed_process
from mlcc_engine.child.child import Child, Late, error_in
from mlcc_folders.job.folders import JobFolder

MODULE = "mlcc_folders.worker.worker_main"


class Worker:
    """A child process that does one task after another, until it is closed or we end.

    Args:
        root: the folder it runs in.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._child = Child(MODULE, root)

    def run(self, task: str, arguments: Mapping[str, object], seconds: float) -> list[str]:
        """Have the child do ``task``.

        Args:
            task: the task's name (see :data:`mlcc_folders.worker.worker_main.TASKS`).
            arguments: JSON-like.
            seconds: after which it counts as hanging.

        Returns:
            Its lines for the user.

        Raises:
            MlccError, JobError, PlatformError: as the task; it took too long, or its process died.
        """
        printed_before = self._child.size_printed()
        self._child.ask(task, arguments)
        try:
            answer = self._child.answer(seconds)
        except Late:
            raise MlccError(f"The {task} took longer than {seconds:g} seconds.") from None
        printed = self._child.printed(printed_before)
        if answer is None:
            raise self._died(task, printed)
        if "error" in answer:
            raise error_in(answer["error"], printed)
        return [str(line) for line in answer["lines"]]

    def become(self, folder: JobFolder, seconds: float) -> bool:
        """Have the child become the process of the job in ``folder``, which outlives us.

        Args:
            folder: of the job.
            seconds: within which it must begin, or must not any more.

        Returns:
            Whether it holds the job's lock now.
        """
        # From here on it is no longer ours to end, even if we are interrupted.
        self._child.keep()
        deadline = time.monotonic() + seconds
        self._child.ask("job", {"folder": str(folder.path), "deadline": deadline})
        begun = False
        with suppress(Late):
            begun = self._child.answer(seconds) is not None
        if begun:
            self._child.let_go()
        else:
            self._child.end()
        return begun

    def lives(self) -> bool:
        """Return whether the child can be asked; one that was idle for long has ended."""
        return self._child.lives()

    def close(self) -> None:
        """End the child with all that it started."""
        self._child.close()

    def _died(self, task: str, printed: list[str]) -> MlccError:
        code = self._child.exit_code()
        if code is None:
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
