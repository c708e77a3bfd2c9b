"""Evaluation jobs: which the service refuses, what they read, and what their role needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.aws_account.account import Params
from tests.aws_account.door.answers import invalid
from tests.aws_account.hub.hubs import Hubs
from tests.aws_account.services.functions import Functions
from tests.aws_account.services.packages import Packages
from tests.aws_account.services.storage import Storage, bucket_and_key
from tests.aws_account.training import evaluation_files as files

if TYPE_CHECKING:
    from tests.aws_account.training.job import Job

TASKS = ("mmlu", "mmlu_pro", "bbh", "gpqa", "math", "strong_reject", "ifeval")
REPLIES = "inference_only"
BUILT_IN = ("prime_math", "prime_code")
JUDGING = ("judge_model_id", "inference_data_s3_path", "output_path", "llmaj_metrics")
JUDGES = ("bedrock:CreateEvaluationJob", "bedrock:GetEvaluationJob")
TUNED = 0.625
BASE = 0.5
STANDARD_ERROR = 0.02

Row = dict[str, Any]


class Evaluations:
    """What evaluation jobs do.

    Attributes:
        replies: ``(job, row) -> text``: a model's reply; by default the tuned model is right and
            the base model says what was asked.
        judges: ``(job, line, metric) -> number``: a judge's score of a reply from 0 to 1.
        measures: ``(job) -> (mean, standard error)``: the result of a benchmark.
    """

    def __init__(
        self, storage: Storage, hubs: Hubs, packages: Packages, functions: Functions
    ) -> None:
        self._storage = storage
        self._hubs = hubs
        self._packages = packages
        self._functions = functions
        self.clear()

    def clear(self) -> None:
        self.replies: Callable[[Job, Row], str] = reply
        self.judges: Callable[[Job, Row, str], float | None] = judgement
        self.measures: Callable[[Job], tuple[float, float]] = measure

    def check(self, params: Params) -> None:
        """Refuse a request that asks for no evaluation that there is.

        Raises:
            ServiceError: its type, task, scorer, judge or data is missing or unknown.
        """
        config, given = params["ServerlessJobConfig"], params.get("HyperParameters", {})
        self._hubs.check_job(config, given)
        kind = config.get("EvaluationType")
        if kind is None:
            raise invalid("EvaluationType is required for an evaluation job.")
        if params["OutputDataConfig"].get("CompressionType") != "NONE":
            raise invalid("CompressionType must be NONE for an evaluation job.")
        task = given.get("task")
        reads = kind == "CustomScorerEvaluation" or task == REPLIES
        if reads and not params.get("InputDataConfig"):
            raise invalid(f"InputDataConfig is required for {kind}.")
        if kind == "BenchmarkEvaluation" and task not in (*TASKS, REPLIES):
            raise invalid(f"Unknown task {task!r}.")
        scorer = config.get("EvaluatorArn") or given.get("preset_reward_function") in BUILT_IN
        if kind == "CustomScorerEvaluation" and not scorer:
            raise invalid("CustomScorerEvaluation requires EvaluatorArn or a preset scorer.")
        if kind == "LLMAJEvaluation" and (lacks := [n for n in JUDGING if not given.get(n)]):
            raise invalid(f"LLMAJEvaluation requires the hyperparameters {', '.join(lacks)}.")

    def download(self, job: Job) -> str:
        """Why the model or the replies to judge cannot be read by the job's role, or ""."""
        package = job.request.get("ModelPackageConfig", {}).get("SourceModelPackageArn")
        if package:
            container = self._packages.require(package)["InferenceSpecification"]["Containers"][0]
            uri = container["ModelDataSource"]["S3DataSource"]["S3Uri"]
            if problem := self._storage.download(job.role, uri):
                return problem
        replies = job.request.get("HyperParameters", {}).get("inference_data_s3_path")
        return self._storage.read(job.role, replies) if replies else ""

    def needs(self, job: Job) -> list[str]:
        """The actions of Bedrock that a judging job's role takes besides asking it."""
        return list(JUDGES) if kind_of(job) == "LLMAJEvaluation" else []

    def upload(self, job: Job) -> str:
        """Write the result; why the job's role cannot, or ""."""
        base = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        made = self._results(job)
        return self._storage.upload(job.role, base, made)

    def _results(self, job: Job) -> dict[str, bytes]:
        """The files of a completed job, relative to its ``S3OutputPath``."""
        given = job.request.get("HyperParameters", {})
        if kind_of(job) == "LLMAJEvaluation":
            lines = self._read(given["inference_data_s3_path"])
            metrics = json.loads(given["llmaj_metrics"])
            scored = [{m: self.judges(job, line, m) for m in metrics} for line in lines]
            return files.judged(job.name, given, lines, scored)
        if kind_of(job) == "BenchmarkEvaluation" and given["task"] != REPLIES:
            return files.benchmark(job.name, given, *self.measures(job))
        rows = [row for uri in data_of(job) for row in self._read(uri)]
        lines = [files.line(row, self.replies(job, row)) for row in rows]
        made = {files.path(job.name, given, files.REPLIES): files.jsonl(lines)}
        if kind_of(job) == "CustomScorerEvaluation":
            made |= files.scored(job.name, given, lines, self._rewards(job, lines))
        return made

    def _rewards(self, job: Job, lines: list[Row]) -> list[dict[str, float]]:
        """Each row's rewards, by name: of the job's function, or of a preset scorer."""
        name = job.request["HyperParameters"].get("preset_reward_function")
        if name:
            return [{name: float(line["inference"] == line["gold"])} for line in lines]
        evaluator = self._hubs.require(job.request["ServerlessJobConfig"]["EvaluatorArn"])
        content = json.loads(json.loads(evaluator["HubContentDocument"])["JsonContent"])
        events = [files.event(number, line) for number, line in enumerate(lines)]
        asked = {"FunctionName": content["Reference"], "Payload": json.dumps(events).encode()}
        answer = json.loads(self._functions.invoke(asked).body)
        return [files.rewards_of(one) for one in json.loads(answer["body"])]

    def _read(self, uri: str) -> list[Row]:
        bucket, _ = bucket_and_key(uri)
        text = self._storage.content(f"s3://{bucket}/{self._storage.first(uri)}").decode()
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def kind_of(job: Job) -> str:
    """The job's ``EvaluationType``."""
    return str(job.request["ServerlessJobConfig"]["EvaluationType"])


def is_evaluation(request: Params) -> bool:
    """Whether a request is for an evaluation job."""
    return request.get("ServerlessJobConfig", {}).get("JobType") == "Evaluation"


def data_of(job: Job) -> list[str]:
    """The S3 URIs that the job's channels name."""
    channels = job.request.get("InputDataConfig", [])
    return [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in channels]


def tuned(job: Job) -> bool:
    """Whether the job measures the output of another one."""
    return "SourceModelPackageArn" in job.request.get("ModelPackageConfig", {})


def reply(job: Job, row: Row) -> str:
    """The row's own reply from a tuned model, the question again from a base model."""
    asked, gold = files.question(row)
    return gold if tuned(job) else asked


def judgement(job: Job, line: Row, metric: str) -> float | None:
    """Full marks for a reply that is the row's own, else half of them."""
    return 1.0 if line["inference"] == line["gold"] else 0.5


def measure(job: Job) -> tuple[float, float]:
    """More for a tuned model than for a base model."""
    return (TUNED if tuned(job) else BASE), STANDARD_ERROR
