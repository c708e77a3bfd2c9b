"""Jobs that are processes of this machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mlcc_core import Context, PlatformError, Start
from mlcc_folders.folder_jobs import FolderJobs
from mlcc_folders.job import process, state
from mlcc_folders.job.folders import JobFolder
from mlcc_folders.job.log import last_lines
from mlcc_folders.job.state import Life
from mlcc_folders.job.stopping import end_process
from mlcc_folders.model.starts import find_start

ENGINE = (sys.executable, "-P", "-u", "-m", "mlcc_engine", "--detached")


class ProcessJobs(FolderJobs):
    """Runs each job as a process that outlives the command which started it.

    Args:
        command: the program that trains the job whose folder it is given as its last argument,
            by the contract of :mod:`mlcc_engine`; tests of process handling give another.
    """

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self.command = tuple(command)

    def find_start(self, context: Context, path: str, model: str | None) -> Start:
        return find_start(context, path, model)

    def start(self, context: Context, folder: JobFolder) -> None:
        try:
            begun = self.begin(folder, context.root.resolve())
        except OSError as error:
            raise _not_started(folder, error.strerror or str(error)) from None
        if not begun and not self.state(folder).final:
            raise _not_started(folder, " ".join(last_lines(folder.log, 1)))

    def begin(self, folder: JobFolder, root: Path) -> bool:
        """Have a process run the job.

        Args:
            folder: of the job.
            root: the project's folder, absolute; the process runs in it.

        Returns:
            Whether a process holds the job's lock now.

        Raises:
            OSError: no process can be started at all.
        """
        return process.start(folder, (*self.command, str(folder.path)), root, state.PATIENCE)

    def life(self, folder: JobFolder) -> Life:
        # In this order: a lock that is there comes to be held before its name does.
        begun = folder.lock.exists()
        holder = process.owner(folder.lock)
        return Life(begun, None if holder is None else {"process": str(holder)})

    def halt(self, context: Context, folder: JobFolder) -> None:
        end_process(folder, context.say)


def _not_started(folder: JobFolder, reason: str) -> PlatformError:
    what = f"The process of the job cannot be started: {reason or 'no reason was given'}"
    state.write_lost(folder, what)
    return PlatformError(what)
