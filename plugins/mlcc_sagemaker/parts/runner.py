"""Serverless customization jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from mlcc_core import JobRunner

if TYPE_CHECKING:
    from mlcc_core import (
        Context,
        JobState,
        Recipe,
        ReportedSpec,
        Request,
        Start,
        TokenCounter,
        TrainerSetting,
        TrainingSpec,
        TrainingType,
    )


class ServerlessJobs(JobRunner):
    """Runs jobs of serverless model customization, and the evaluations that are such jobs."""

    def __init__(self) -> None:
        self._sent: dict[str, Request] = {}

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        from mlcc_sagemaker.request.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        from mlcc_sagemaker.job.reported_spec import read_spec

        return read_spec(body)

    def find_start(self, context: Context, path: str, model: str | None) -> Start:
        from mlcc_sagemaker.request.chain.source import find_start

        return find_start(context, path)

    def list_settings(
        self,
        context: Context,
        recipe: Recipe,
        training_type: TrainingType,
        model: str | None = None,
    ) -> Sequence[TrainerSetting]:
        from mlcc_sagemaker.request.settings import list_settings

        return list_settings(context, recipe, training_type, model)

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter]:
        from mlcc_sagemaker.tokens import token_counter

        return token_counter(context, model, recipe)

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        from mlcc_sagemaker.request.trial import try_evaluator

        return try_evaluator(context, spec, rows)

    def why_untried(self, context: Context, spec: TrainingSpec) -> str | None:
        from mlcc_sagemaker.request.trial import why_untried

        return why_untried(context, spec)

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        from mlcc_sagemaker.job.jobs import list_jobs

        return list_jobs(context, prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        from mlcc_sagemaker.job.submission import submit

        # Before the call: the job may exist although its answer is lost.
        self.recall(name, request)
        submit(context, name, request)

    def sent(self, name: str) -> Request | None:
        """Return the request of a job that this process sent; ``None`` for any other."""
        return self._sent.get(name)

    def recall(self, name: str, request: Request) -> None:
        self._sent[name] = request

    def describe(self, context: Context, name: str) -> JobState:
        from mlcc_sagemaker.job.jobs import describe

        return describe(context, name, self._sent.get(name))

    def stop(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.job.jobs import stop

        stop(context, name)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        from mlcc_sagemaker.job.jobs import read_description
        from mlcc_sagemaker.job.logs import read_log

        read_description(context, name)
        return read_log(context, name, follow, lambda: self.describe(context, name).final)
