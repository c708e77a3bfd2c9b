"""Training jobs, serverless and on instances: create, describe, list, stop, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from tests.aws_account.account import Account, Params, Result, chosen, in_use, page
from tests.aws_account.containers.containers import Containers
from tests.aws_account.containers.job import InstanceJob
from tests.aws_account.containers.machine.folders import archive
from tests.aws_account.door.answers import invalid
from tests.aws_account.hub.hubs import Hubs
from tests.aws_account.permissions import role_needs
from tests.aws_account.permissions.policies import Need
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.packages import Packages
from tests.aws_account.services.storage import Storage
from tests.aws_account.training import courses, follow, outputs
from tests.aws_account.training.courses import Course
from tests.aws_account.training.evaluations import Evaluations, is_evaluation
from tests.aws_account.training.job import Job

MISSING = "Requested resource not found."
PAGE = 10
AnyJob = Job | InstanceJob
"""A job that follows a course, and one whose container runs."""


class Jobs:
    """The account's training jobs.

    Attributes:
        course: what the jobs that are created from now on go through.
        makes: what a completed job writes below its artifacts, by name relative to them.
        metrics: the last numbers of a completed job, by name; :func:`last_numbers` by default.
    """

    def __init__(
        self,
        account: Account,
        identity: Identity,
        storage: Storage,
        hubs: Hubs,
        packages: Packages,
        evaluations: Evaluations,
        containers: Containers,
    ) -> None:
        self._account = account
        self._identity = identity
        self._storage = storage
        self._hubs = hubs
        self._packages = packages
        self._evaluations = evaluations
        self._containers = containers
        self.clear()

    def clear(self) -> None:
        self._jobs: dict[str, AnyJob] = {}
        self.course: Course = courses.completes()
        self.makes: Callable[[Job], dict[str, bytes]] = outputs.of_job
        self.metrics: Callable[[Job], dict[str, float]] = last_numbers

    def __getitem__(self, name: str) -> AnyJob:
        return self._jobs[name]

    def all(self) -> list[AnyJob]:
        """Every job, in the order of creation."""
        return list(self._jobs.values())

    def create_training_job(self, params: Params) -> Result:
        name = params["TrainingJobName"]
        if name in self._jobs:
            raise in_use(
                "Job name must be unique within an AWS account and region, and a training job "
                f"with this name already exists ({self._jobs[name].arn})"
            )
        self._identity.require_role(params["RoleArn"])
        serverless = "ServerlessJobConfig" in params
        if serverless:
            self._require(params)
        else:
            going = [job for job in self._jobs.values() if job.on_instances and not job.ended]
            self._containers.require(params, going)
        runs = not serverless and self._containers.runs
        make = self._containers.start if runs else self._follow_course
        self._jobs[name] = make(params)
        return {"TrainingJobArn": self._jobs[name].arn}

    def _follow_course(self, params: Params) -> Job:
        return Job(params, self.course, self._account, self)

    def _require(self, params: Params) -> None:
        """Refuse a serverless job that the service would refuse."""
        serverless = params["ServerlessJobConfig"]
        for member in ("AlgorithmSpecification", "ResourceConfig"):
            if member in params:
                raise invalid(f"{member} is not supported with ServerlessJobConfig.")
        if is_evaluation(params):
            self._evaluations.check(params)
        elif not params.get("InputDataConfig"):
            raise invalid("InputDataConfig is required for a serverless training job.")
        else:
            self._hubs.check_job(serverless, params.get("HyperParameters", {}))
        if package := params.get("ModelPackageConfig"):
            self._packages.require_group(package["ModelPackageGroupArn"])
            if source := package.get("SourceModelPackageArn"):
                before = self._packages.trained_from(source)
                if not is_evaluation(params):
                    follow.require(serverless, before, self._hubs.made_by(before))

    def describe_training_job(self, params: Params) -> Result:
        return self._get(params).seen()

    def list_training_jobs(self, params: Params) -> Result:
        rows = [job.summary() for job in self._jobs.values()]
        kept = chosen(params, rows, name="TrainingJobName", status="TrainingJobStatus")
        answer = page({"MaxResults": PAGE, **params}, kept, "TrainingJobSummaries")
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
        job.stop()
        return {}

    def delete_training_job(self, params: Params) -> Result:
        job = self._get(params)
        if not job.ended:
            raise in_use(f"Training job {job.name} is in status {job.status}.")
        del self._jobs[job.name]
        return {}

    def _get(self, params: Params) -> AnyJob:
        try:
            return self._jobs[params["TrainingJobName"]]
        except KeyError:
            raise invalid(MISSING) from None

    def download(self, job: Job) -> str:
        """Why the job's data cannot be read by its role, or ""."""
        for channel in job.request.get("InputDataConfig", []):
            if source := channel["DataSource"].get("S3DataSource"):
                if problem := self._storage.download(job.role, source["S3Uri"]):
                    return problem
            elif dataset := channel["DataSource"].get("DatasetSource"):
                self._hubs.require(dataset["DatasetArn"])
        return self._evaluations.download(job) if is_evaluation(job.request) else ""

    def start(self, job: Job) -> str:
        """Log and track a training that begins; why it cannot, or ""."""
        region, request = self._account.region, job.request
        needs = role_needs.to_train_on_instances if job.on_instances else role_needs.to_train
        if denied := self._identity.lacks(job.role, *needs(region, request)):
            return f"ClientError: {denied}"
        self._storage.log(job.name, self._account.clock.now(), job.stage.message)
        if job.on_instances:
            return ""
        if "MlflowConfig" in job.request:
            run = sha256(job.name.encode()).hexdigest()[:32]
            job.record["MlflowDetails"] = {"MlflowExperimentId": "1", "MlflowRunId": run}
        return self._evaluate(job)

    def said(self, job: Job, lines: tuple[str, ...]) -> None:
        """Write what the job says in its present stage."""
        if lines:
            self._storage.log(job.name, self._account.clock.now(), *lines)

    def _evaluate(self, job: Job) -> str:
        """Why the job's role cannot have replies scored, or ""."""
        source = self._evaluator_source(job)
        if source.startswith("s3://") and (problem := self._storage.read(job.role, source)):
            return problem
        judge = job.request.get("HyperParameters", {}).get("judge_model_id", "")
        needs = [*role_needs.to_score(self._account.region, source, judge)]
        if is_evaluation(job.request):
            needs += [Need(action, "*") for action in self._evaluations.needs(job)]
        denied = self._identity.lacks(job.role, *needs)
        return f"ClientError: {denied}" if denied else ""

    def _evaluator_source(self, job: Job) -> str:
        """The function's ARN or the prompt's S3 URI behind the job's evaluator, or ""."""
        evaluator: str = job.request["ServerlessJobConfig"].get("EvaluatorArn", "")
        if ":hub-content/" in evaluator:
            document = json.loads(self._hubs.require(evaluator)["HubContentDocument"])
            evaluator = json.loads(document.get("JsonContent", "{}")).get("Reference", "")
        return evaluator

    def upload(self, job: Job) -> str:
        """Write artifacts and register them, or an evaluation's result; why it cannot, or ""."""
        if is_evaluation(job.request):
            return self._evaluations.upload(job)
        files = self.makes(job)
        if job.compressed:
            under, files = job.output, {"model.tar.gz": archive(files)}
        else:
            under = job.artifacts
        problem = self._storage.upload(job.role, under, files)
        package = job.request.get("ModelPackageConfig")
        if problem or not package:
            return problem
        needs = role_needs.to_register(self._account, package["ModelPackageGroupArn"])
        denied = self._identity.lacks(job.role, *needs)
        return f"ClientError: {denied}" if denied else ""

    def completed(self, job: Job) -> None:
        """Count the tokens and register the model package; an evaluation has neither."""
        if is_evaluation(job.request):
            return
        now = self._account.clock.now()
        serverless = job.request.get("ServerlessJobConfig", {})
        record: dict[str, Any] = job.record
        if serverless.get("CustomizationTechnique") in ("SFT", "DPO"):
            progress = record.get("ProgressInfo", {})
            steps = progress.get("MaxEpoch", 1) * progress.get("TotalStepCountPerEpoch", 1)
            record["BillableTokenCount"] = steps * courses.TOKENS_PER_STEP
        record["FinalMetricDataList"] = [
            {"MetricName": name, "Value": value, "Timestamp": now}
            for name, value in self.metrics(job).items()
        ]
        if package := job.request.get("ModelPackageConfig"):
            record["OutputModelPackageArn"] = self._packages.add_trained(
                package["ModelPackageGroupArn"],
                job.artifacts,
                serverless["BaseModelArn"],
                self._hubs.recipe(serverless).get("Name", ""),
            )


def last_numbers(job: Job) -> dict[str, float]:
    """The loss, and that of held-out rows where the job has a channel of them."""
    channels = {channel["ChannelName"] for channel in job.request.get("InputDataConfig", ())}
    return {"train:loss": 0.5, **({"eval:loss": 0.75} if "validation" in channels else {})}
