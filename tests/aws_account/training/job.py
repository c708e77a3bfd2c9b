"""One training job, moved along its course by looks and by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from tests.aws_account.account import Account, Params
from tests.aws_account.training import courses
from tests.aws_account.training.courses import TERMINAL, Course, Stage

MOST_RUNTIME = 86400
REASON_LIMIT = 1024
SUMMARY = ("TrainingJobName", "TrainingJobArn", "CreationTime", "LastModifiedTime")


class Works(Protocol):
    """What a job does on its way; each may say why it could not."""

    def download(self, job: Job) -> str: ...

    def start(self, job: Job) -> str: ...

    def upload(self, job: Job) -> str: ...

    def completed(self, job: Job) -> None: ...


class Job:
    """One training job.

    Attributes:
        request: the CreateTrainingJob that made it.
        record: what DescribeTrainingJob says, but for what the stage decides.
        stage: the present stage.
    """

    def __init__(self, request: Params, course: Course, account: Account, works: Works) -> None:
        self.request = dict(request)
        self.name: str = request["TrainingJobName"]
        self._account = account
        self._works = works
        self.record: dict[str, Any] = {
            "StoppingCondition": {"MaxRuntimeInSeconds": MOST_RUNTIME},
            **{key: value for key, value in request.items() if key != "Tags"},
            "TrainingJobArn": account.arn("training-job", self.name),
            "ModelArtifacts": {"S3ModelArtifacts": self.artifacts},
            "SecondaryStatusTransitions": [],
            **account.times({}),
        }
        self._stored = False
        self._rest = list(course[1:])
        self._enter(course[0])

    @property
    def arn(self) -> str:
        return str(self.record["TrainingJobArn"])

    @property
    def role(self) -> str:
        return str(self.request["RoleArn"])

    @property
    def artifacts(self) -> str:
        """S3 prefix of the output, as ``ModelArtifacts`` names it."""
        base = self.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        return f"{base}/{self.name}/output/model"

    @property
    def status(self) -> str:
        return self.stage.status

    def proceed(self, *course: Stage) -> None:
        """Take this course from now on; without one, complete at once."""
        with self._account.lock:
            self._rest = list(course or (courses.COMPLETED,))
            self._next()

    def seen(self) -> dict[str, Any]:
        """What DescribeTrainingJob answers now; looking moves the job on."""
        self._pass_time()
        transitions = [dict(one) for one in self.record["SecondaryStatusTransitions"]]
        shown = {**self.record, "SecondaryStatusTransitions": transitions, **self._state()}
        self._looks += 1
        if self.stage.seconds is None and self._looks >= self.stage.looks:
            self._next()
        return shown

    def summary(self) -> dict[str, Any]:
        """What ListTrainingJobs says; this moves nothing on."""
        members = [key for key in (*SUMMARY, "TrainingEndTime") if key in self.record]
        return {**{key: self.record[key] for key in members}, **self._state()}

    def _state(self) -> dict[str, str]:
        return {"TrainingJobStatus": self.status, "SecondaryStatus": self.stage.secondary}

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
        transitions = self.record["SecondaryStatusTransitions"]
        if not transitions or transitions[-1]["Status"] != stage.secondary:
            self.stage = stage
            if problem := self._work(stage, now):
                failed = Stage("Failed", "Failed", "Training job failed", reason=problem)
                self._rest = [failed]
                stage = failed if stage.status in TERMINAL else stage
            self._transition(stage, now)
        self.stage, self._looks, self._entered = stage, 0, now
        self.record["LastModifiedTime"] = now
        if stage.epochs:
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
            self.record["TrainingStartTime"] = now
            return self._works.start(self)
        if stage.secondary in ("Uploading", "Completed") and not self._stored:
            self._stored = True
            return self._works.upload(self)
        return ""

    def _transition(self, stage: Stage, now: datetime) -> None:
        transitions = self.record["SecondaryStatusTransitions"]
        if transitions:
            transitions[-1]["EndTime"] = now
        transitions.append(
            {"Status": stage.secondary, "StartTime": now, "StatusMessage": stage.message}
        )

    def _end(self, stage: Stage, now: datetime) -> None:
        self._rest = []
        self.record["SecondaryStatusTransitions"][-1]["EndTime"] = now
        self.record["TrainingEndTime"] = now
        if started := self.record.get("TrainingStartTime"):
            spent = max(1, int((now - started).total_seconds()))
            self.record |= {"TrainingTimeInSeconds": spent, "BillableTimeInSeconds": spent}
        if stage.reason:
            self.record["FailureReason"] = stage.reason[:REASON_LIMIT]
        if stage.status == "Completed":
            self._works.completed(self)
