"""Events of a job, each told once: whatever looks at the job, when, and whatever is killed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from mlcc_core.actions.runs.job import job_of
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.contract.job import Job, JobState, Output, Progress
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.errors import PlatformError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.project.project import Project
from mlcc_core.project.records import read_record


@dataclass(slots=True)
class Told:
    """The events of a job that were told: a file of its own, held while they are told.

    Attributes:
        file: its descriptor; its text is ``STEP FINISHED``, always as long.
        step: the last step that was told; 0 for none.
        finished: the end of the job was told.
    """

    file: int
    step: int = 0
    finished: bool = False

    def read(self) -> None:
        """Read the file; one that is empty or damaged says that nothing was told."""
        words = os.pread(self.file, 64, 0).split()
        if len(words) == 2 and all(word.isdigit() for word in words):
            self.step, self.finished = int(words[0]), words[1] == b"1"

    def write(self) -> None:
        """Write the file in one call, so that a kill leaves the old text or the new one."""
        os.pwrite(self.file, b"%019d %d\n" % (self.step, self.finished), 0)


class Teller:
    """Tells plugins of the steps and the end of one job.

    Args:
        session: the project and its plugins.
        runner: of the job.
        job: as it is known before it has begun.
        say: takes a line about a plugin that fails.
    """

    def __init__(
        self, session: Session, runner: JobRunner, job: Job, say: Callable[[str], None]
    ) -> None:
        self._session = session
        self._context = context_of(session.context, read_record(session.project, job.name))
        self._runner = runner
        self._job = job
        self._say = say
        self._latest: Progress | None = None

    def submitted(self) -> None:
        """Tell that the job was submitted."""
        self._session.plugins.job_submitted(self._job, self._context, self._say)

    def progress(self, state: JobState) -> None:
        """Tell of every step that was logged since the last one that was told."""
        with self._told(wait=state.final) as told:
            if told is None:
                return  # another terminal tells them right now
            job = replace(self._job, started=state.started)
            for progress in self._new(state, told):
                self._session.plugins.job_progress(job, progress, self._context, self._say)
                if progress.step is not None:
                    told.step = progress.step
                    told.write()

    def finished(self, state: JobState, output: Output | None) -> None:
        """Tell of the end of the job, unless that was told."""
        with self._told(wait=True) as told:
            if told is None or told.finished:
                return
            job = replace(self._job, artifacts=state.artifacts, started=state.started)
            plugins = self._session.plugins
            plugins.job_finished(job, output, state, self._context, self._say)
            told.finished = True
            told.write()

    def _new(self, state: JobState, told: Told) -> Iterator[Progress]:
        """Yield what has not been told; of a platform that counts no steps, what has changed."""
        latest = state.progress
        try:
            logged = self._runner.progress_since(self._context, self._job.name, told.step)
        except PlatformError:
            return  # the next look tells them
        if logged is None:
            logged = () if latest is None else (latest,)
        for progress in logged:
            if progress.step is None:
                if not told.finished and progress != self._latest:
                    yield progress
            elif progress.step > told.step:
                yield progress
        self._latest = latest

    @contextmanager
    def _told(self, *, wait: bool) -> Iterator[Told | None]:
        path = self._session.project.state_folder / "events" / self._job.name
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield None
        else:
            told = Told(file)
            told.read()
            yield told
        finally:
            os.close(file)


def reopen(project: Project, job: str) -> None:
    """Take note that a job which had ended goes on: its steps are told on, its end once more."""
    path = project.state_folder / "events" / job
    with disk_errors(path):
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            told = Told(file)
            told.read()
            told.finished = False
            told.write()
        finally:
            os.close(file)


def tell(session: Session, job: str, state: JobState) -> None:
    """Tell plugins of what has happened to a job since the last look at it.

    A job without a record is not told of, as nothing says what it trains; nor is a script.

    Args:
        session: the project and its plugins.
        job: its name.
        state: as just seen.

    Raises:
        MlccError, PlatformError: its record or its mark cannot be read.
    """
    record = read_record(session.project, job)
    if record is None or not record.request or record.script is not None:
        return
    runner = session.plugins.platform(record.platform).runner
    known = job_of(session, record)
    teller = Teller(session, runner, known, session.say)
    teller.progress(state)
    if state.status == "completed" and state.artifacts:
        technique = session.plugins.technique(record.technique)
        teller.finished(state, technique.output(job_of(session, record, state)))
    elif state.status in ("failed", "stopped"):
        teller.finished(state, None)
