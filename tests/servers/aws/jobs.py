"""Serverless training jobs: create, describe, list, stop, delete; moved on by their course."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.servers.aws import courses, outputs
from tests.servers.aws.account import Account, Params, Result, chosen, in_use, page
from tests.servers.aws.answers import ServiceError, invalid
from tests.servers.aws.courses import TERMINAL, Course, Stage
from tests.servers.aws.hubs import Hubs
from tests.servers.aws.packages import Packages

MOST_RUNTIME = 86400
MISSING = "Requested resource not found."


class Job:
    """One training job.

    Attributes:
        request: the CreateTrainingJob that made it.
        record: what DescribeTrainingJob says, but for what the stage decides.
        stage: the present stage.
    """

    def __init__(self, request: Params, course: Course, account: Account, jobs: Jobs) -> None:
        self.request = dict(request)
        self.name: str = request["TrainingJobName"]
        self._account = account
        self._jobs = jobs
        arn = account.arn("training-job", self.name)
        kept = {key: value for key, value in request.items() if key not in ("Tags",)}
        self.record: dict[str, Any] = {
            "StoppingCondition": {"MaxRuntimeInSeconds": MOST_RUNTIME},
            **kept,
            "TrainingJobArn": arn,
            "ModelArtifacts": {"S3ModelArtifacts": self.artifacts},
            "SecondaryStatusTransitions": [],
            **account.times({}),
        }
        self.stage = course[0]
        self._rest = list(course[1:])
        self._looks = 0
        self._entered = account.clock.now()
        self._enter(course[0])

    @property
    def arn(self) -> str:
        return str(self.record["TrainingJobArn"])

    @property
    def artifacts(self) -> str:
        """S3 prefix of the output, as ``ModelArtifacts`` names it."""
        base = self.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        return f"{base}/{self.name}/output/model"

    @property
    def status(self) -> str:
        return self.stage.status

    def proceed(self, *course: Stage) -> None:
        """From now on take this course (``courses.completes()``'s end when none is given)."""
        with self._account.lock:
            self._rest = list(course or (courses.UPLOADING, courses.COMPLETED))
            self._next()

    def seen(self) -> dict[str, Any]:
        """What DescribeTrainingJob answers now; looking moves the job on."""
        self._pass_time()
        shown = self._shown()
        self._looks += 1
        if self.stage.seconds is None and self._looks >= self.stage.looks:
            self._next()
        return shown

    def _pass_time(self) -> None:
        while self._rest:
            lasts = self.stage.seconds
            over = self._account.clock.now().timestamp() - self._entered.timestamp()
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

    def _transition(self, stage: Stage, now: datetime) -> None:
        transitions = self.record["SecondaryStatusTransitions"]
        if transitions:
            transitions[-1]["EndTime"] = now
        made = {"Status": stage.secondary, "StartTime": now, "StatusMessage": stage.message}
        transitions.append(made)
        if stage.secondary == "Downloading" and (reason := self._jobs.missing_data(self)):
            self._rest = [Stage("Failed", "Failed", "Training job failed", reason=reason)]
        if stage.secondary == "Training":
            self.record["TrainingStartTime"] = now
            self._jobs.tracked(self)
            outputs.write_log(self._account, self.name, now, stage.message)

    def _end(self, stage: Stage, now: datetime) -> None:
        self._rest = []
        self.record["SecondaryStatusTransitions"][-1]["EndTime"] = now
        self.record["TrainingEndTime"] = now
        if started := self.record.get("TrainingStartTime"):
            spent = max(1, int((now - started).total_seconds()))
            self.record |= {"TrainingTimeInSeconds": spent, "BillableTimeInSeconds": spent}
        if stage.reason:
            self.record["FailureReason"] = stage.reason[:1024]
        if stage.status == "Completed":
            self._jobs.completed(self)

    def _shown(self) -> dict[str, Any]:
        shown = {"TrainingJobStatus": self.status, "SecondaryStatus": self.stage.secondary}
        transitions = [dict(one) for one in self.record["SecondaryStatusTransitions"]]
        return {**self.record, "SecondaryStatusTransitions": transitions, **shown}


class Jobs:
    """The account's training jobs.

    Attributes:
        course: what the jobs that are created from now on go through.
        makes: what a completed job writes under its artifacts, by name relative to them.
    """

    def __init__(self, account: Account, hubs: Hubs, packages: Packages) -> None:
        self._account = account
        self._hubs = hubs
        self._packages = packages
        self.clear()

    def clear(self) -> None:
        self._jobs: dict[str, Job] = {}
        self.course: Course = courses.completes()
        self.makes: Callable[[Job], dict[str, bytes]] = outputs.of_job

    def __getitem__(self, name: str) -> Job:
        return self._jobs[name]

    def all(self) -> list[Job]:
        """Every job, in the order of creation."""
        return list(self._jobs.values())

    def create_training_job(self, params: Params) -> Result:
        name = params["TrainingJobName"]
        if name in self._jobs:
            raise in_use(
                "Job name must be unique within an AWS account and region, and a training job "
                f"with this name already exists ({self._jobs[name].arn})"
            )
        self._account.require_role(params["RoleArn"])
        self._require(params)
        self._jobs[name] = Job(params, self.course, self._account, self)
        return {"TrainingJobArn": self._jobs[name].arn}

    def _require(self, params: Params) -> None:
        serverless = params.get("ServerlessJobConfig")
        if not serverless:
            raise invalid(
                "Only serverless training jobs exist here: ServerlessJobConfig is missing."
            )
        if not params.get("InputDataConfig"):
            raise invalid("InputDataConfig is required for a serverless training job.")
        self._hubs.check_job(serverless, params.get("HyperParameters", {}))
        if package := params.get("ModelPackageConfig"):
            self._packages.require_group(package["ModelPackageGroupArn"])
            if source := package.get("SourceModelPackageArn"):
                self._packages.require(source)

    def describe_training_job(self, params: Params) -> Result:
        return self._get(params).seen()

    def list_training_jobs(self, params: Params) -> Result:
        members = ("TrainingJobName", "TrainingJobArn", "CreationTime", "LastModifiedTime")
        rows = []
        for job in self._jobs.values():
            row = {key: job.record[key] for key in members}
            if "TrainingEndTime" in job.record:
                row["TrainingEndTime"] = job.record["TrainingEndTime"]
            row |= {"TrainingJobStatus": job.status, "SecondaryStatus": job.stage.secondary}
            rows.append(row)
        kept = chosen(params, rows, name="TrainingJobName", status="TrainingJobStatus")
        answer = page({"MaxResults": 10, **params}, kept, "TrainingJobSummaries")
        if wanted := params.get("StatusEquals"):
            # The real service filters after it cut the page, so pages may be empty.
            found = [r for r in answer["TrainingJobSummaries"] if r["TrainingJobStatus"] == wanted]
            answer["TrainingJobSummaries"] = found
        return answer

    def stop_training_job(self, params: Params) -> Result:
        job = self._get(params)
        if job.status != "InProgress":
            raise invalid(
                "The request was rejected because the training job is in status "
                f"{job.status}. The status must be InProgress."
            )
        job.proceed(courses.STOPPING, courses.STOPPED)
        return {}

    def delete_training_job(self, params: Params) -> Result:
        job = self._get(params)
        if job.status not in TERMINAL:
            raise in_use(f"Training job {job.name} is in status {job.status}.")
        del self._jobs[job.name]
        return {}

    def _get(self, params: Params) -> Job:
        try:
            return self._jobs[params["TrainingJobName"]]
        except KeyError:
            raise invalid(MISSING) from None

    def missing_data(self, job: Job) -> str:
        """Why the job's data cannot be downloaded, or ""."""
        for channel in job.request["InputDataConfig"]:
            if source := channel["DataSource"].get("S3DataSource"):
                if not outputs.exists(self._account, source["S3Uri"]):
                    return (
                        "ClientError: Data download failed:S3 key: matched no files on "
                        f"{source['S3Uri']}"
                    )
            elif dataset := channel["DataSource"].get("DatasetSource"):
                self._hubs.require(dataset["DatasetArn"])
        return ""

    def tracked(self, job: Job) -> None:
        """Note the run in MLflow, if the job names one."""
        if "MlflowConfig" in job.request:
            run = f"{abs(hash(job.name)):032x}"[:32]
            job.record["MlflowDetails"] = {"MlflowExperimentId": "1", "MlflowRunId": run}

    def completed(self, job: Job) -> None:
        """Write the artifacts and register the model package."""
        now = self._account.clock.now()
        try:
            outputs.upload(self._account, job.artifacts, self.makes(job))
        except ServiceError as error:
            job.stage = Stage("Failed", "Failed", "Training job failed", reason=error.message)
            job.record["FailureReason"] = error.message
            return
        progress = job.record.get("ProgressInfo", {"MaxEpoch": 1, "TotalStepCountPerEpoch": 1})
        steps = progress["MaxEpoch"] * progress["TotalStepCountPerEpoch"]
        if job.request["ServerlessJobConfig"].get("CustomizationTechnique") in ("SFT", "DPO"):
            job.record["BillableTokenCount"] = steps * courses.TOKENS_PER_STEP
        job.record["FinalMetricDataList"] = [
            {"MetricName": "train:loss", "Value": 0.5, "Timestamp": now}
        ]
        if package := job.request.get("ModelPackageConfig"):
            arn = self._packages.add_trained(
                package["ModelPackageGroupArn"],
                job.artifacts,
                job.request["ServerlessJobConfig"]["BaseModelArn"],
            )
            job.record["OutputModelPackageArn"] = arn
