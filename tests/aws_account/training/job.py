"""One training job, moved along its course by looks and by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from tests.aws_account.account import Account, Params
from tests.aws_account.training import courses
from tests.aws_account.training.courses import Course, Stage
from tests.aws_account.training.record import TERMINAL, JobRecord


class Works(Protocol):
    """What a job does on its way; each may say why it could not."""

    def download(self, job: Job) -> str: ...

    def start(self, job: Job) -> str: ...

    def upload(self, job: Job) -> str: ...

    def completed(self, job: Job) -> None: ...

    def said(self, job: Job, lines: tuple[str, ...]) -> None: ...


class Job(JobRecord):
    """A job that goes through the stages of a course, and runs nothing.

    Attributes:
        stage: the present stage.
    """

    def __init__(self, request: Params, course: Course, account: Account, works: Works) -> None:
        super().__init__(request, account)
        self._works = works
        self._stored = False
        self._rest = list(course[1:])
        self._enter(course[0])

    def proceed(self, *course: Stage) -> None:
        """Take this course from now on; without one, complete at once."""
        with self._account.lock:
            self._rest = list(course or (courses.COMPLETED,))
            self._next()

    def stop(self) -> None:
        """Do what StopTrainingJob asks."""
        self.proceed(courses.STOPPING, courses.STOPPED)

    def seen(self) -> dict[str, Any]:
        """What DescribeTrainingJob answers now; looking moves the job on."""
        self._pass_time()
        shown = self.shown()
        self._looks += 1
        if self.stage.seconds is None and self._looks >= self.stage.looks:
            self._next()
        return shown

    def _pass_time(self) -> None:
        while self._rest:
            lasts = self.stage.seconds
            over = (self._account.clock.now() - self._entered).total_seconds()
            if (lasts is None and self.stage.looks > 0) or (lasts is not None and over < lasts):
                return
            self._next()

    def _next(self) -> None:
        if self._rest:
            self._enter(self._rest.pop(0))

    def _enter(self, stage: Stage) -> None:
        now = self._account.clock.now()
        if self.secondary != stage.secondary:
            self.stage = stage
            if problem := self._work(stage, now):
                failed = Stage("Failed", "Failed", "Training job failed", reason=problem)
                self._rest = [failed]
                stage = failed if stage.status in TERMINAL else stage
            self._show(stage.secondary, stage.status, stage.message, now)
        self.stage, self._looks, self._entered = stage, 0, now
        self.record["LastModifiedTime"] = now
        self._works.said(self, stage.lines)
        if stage.epochs and not self.on_instances:
            self.record["ProgressInfo"] = {
                "CurrentEpoch": stage.epoch,
                "MaxEpoch": stage.epochs,
                "CurrentStep": stage.step,
                "TotalStepCountPerEpoch": stage.steps,
            }
        if stage.status in TERMINAL:
            self._end(stage, now)

    def _work(self, stage: Stage, now: datetime) -> str:
        """Do what entering this stage means; why it failed, or ""."""
        if stage.secondary == "Downloading":
            return self._works.download(self)
        if stage.secondary == "Training":
            self.record.setdefault("TrainingStartTime", now)
            return self._works.start(self)
        if stage.secondary in ("Uploading", "Completed") and not self._stored:
            self._stored = True
            return self._works.upload(self)
        return ""

    def _end(self, stage: Stage, now: datetime) -> None:
        self._rest = []
        started = self.record.get("TrainingStartTime")
        self._close(now, stage.reason, (now - started).total_seconds() if started else None)
        if stage.status == "Completed":
            self._works.completed(self)
