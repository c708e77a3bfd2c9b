"""Jobs that are kept in folders of the project, whatever runs them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlcc_core import Context, JobRunner, JobState, PlatformError, Progress, Request
from mlcc_core.helpers import disk_errors
from mlcc_folders.job import folders, state
from mlcc_folders.job.folders import JobFolder
from mlcc_folders.job.log import read_lines
from mlcc_folders.job.progress import read_steps
from mlcc_folders.job.state import Life


class FolderJobs(JobRunner):
    """Keeps each job in a folder of its own, ``.mlcc/jobs/<name>/``.

    The folder is the job: it appears once, under the job's name, with the request in it. Whatever
    trains writes beside it: ``log.txt``, ``progress.jsonl`` (a JSON object a line) and
    ``result.json`` (once, at its end); the output goes where the request says, to
    ``outputs/<name>/`` of the project. ``python -m mlcc_engine FOLDER`` does. The state of a job is
    read from there; a job that is lost (killed, never started) is told as failed, with the end of
    its log. Where neither its input nor its training is to blame it counts as interrupted: it is
    started again in the same folder, and the engine goes on from the newest of its ``checkpoints``.

    A subclass builds requests and reads them (``build_request``, ``read_spec``), says what runs
    the job (:meth:`start`, :meth:`life`, :meth:`halt`), and may answer whatever else a runner can.
    A request's body has a part ``request``, which becomes ``request.json`` with ``job`` and
    ``output`` added; its other parts are kept beside it as proof of what was asked.
    """

    @abstractmethod
    def start(self, context: Context, folder: JobFolder) -> None:
        """Start the job whose folder has just been made; return once it is on its way.

        Raises:
            PlatformError: it will never start; :func:`mlcc_folders.job.state.write_lost` writes
                that into the folder.
        """

    @abstractmethod
    def life(self, folder: JobFolder) -> Life:
        """Return whether the job has begun, and what runs it now, or keeps it in a queue."""

    @abstractmethod
    def halt(self, context: Context, folder: JobFolder) -> None:
        """End a job that is not over; its file ``stop`` is there already.

        Raises:
            PlatformError: it cannot be ended from here.
        """

    def root(self, context: Context) -> Path:
        """Return the folder in which ``.mlcc/jobs`` and ``outputs`` are: by default the project.

        Override it for a folder that other machines see, too, which must exist.
        """
        return context.root

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        return folders.list_names(self.root(context), prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        self.start(context, folders.create(self.root(context).resolve(), name, request.body))

    def resume(self, context: Context, name: str) -> None:
        folder = folders.find(self.root(context), name)
        state = self.state(folder)
        if not state.interrupted:
            raise PlatformError(f"The job {name} is {state.status}, so it cannot go on.")
        folders.reopen(folder)
        self.start(context, folder)

    def forget(self, context: Context, name: str) -> None:
        folder = folders.find(self.root(context), name)
        if self.state(folder).final:
            folders.forget(folder)

    def describe(self, context: Context, name: str) -> JobState:
        return self.state(folders.find(self.root(context), name))

    def progress_since(self, context: Context, name: str, step: int) -> Sequence[Progress]:
        return read_steps(folders.find(self.root(context), name).progress, step)

    def stop(self, context: Context, name: str) -> None:
        folder = folders.find(self.root(context), name)
        if self.state(folder).final:
            return
        with disk_errors(doing="stop the job"):
            folder.stop.touch()
        self.halt(context, folder)

    def remove(self, context: Context, name: str) -> Sequence[str]:
        folder = folders.find(self.root(context), name)
        if not self.state(folder).final:
            raise PlatformError(f"The job {name} is not over.", hint=f"mlcc stop {name}")
        return folders.remove(folder)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        folder = folders.find(self.root(context), name)
        return read_lines(folder.log, lambda: follow and not self.state(folder).final)

    def state(self, folder: JobFolder) -> JobState:
        """Return the state of the job in ``folder`` now."""
        return state.describe(folder, self.life, self.read_spec)
