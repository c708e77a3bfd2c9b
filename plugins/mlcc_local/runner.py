"""Jobs of the ``local`` platform: what the engine is asked, and what is tried before a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from mlcc_core import (
    Context,
    EvaluatorKind,
    Recipe,
    ReportedSpec,
    Request,
    TokenCounter,
    TrainingSpec,
)
from mlcc_core.helpers import installed_versions
from mlcc_folders import checks
from mlcc_folders.model.ready import make_ready
from mlcc_folders.process_jobs import ENGINE, ProcessJobs
from mlcc_local import tokens
from mlcc_local.job import worker
from mlcc_local.request import request

FORECAST_SECONDS = 600.0
"""A tokenizer may have to be downloaded first."""

TRIAL_SECONDS: Mapping[EvaluatorKind, float] = {
    EvaluatorKind.FUNCTION: 60.0,
    EvaluatorKind.PROMPT: 900.0,
}
"""A function that needs a minute for a few replies would take days; a judge may have to load."""

TRAINING = "Training on this machine"

LIBRARIES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")
"""Distributions on which the result of a training depends."""


class LocalJobs(ProcessJobs):
    """Trains with TRL and PEFT in a process of its own.

    Args:
        command: the program that trains; see :class:`mlcc_folders.process_jobs.ProcessJobs`.
    """

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        super().__init__(command)
        self._worker: worker.Worker | None = None

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        return request.build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        return request.read_spec(body)

    def libraries(self, context: Context) -> Mapping[str, str]:
        return installed_versions(LIBRARIES)

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        if spec.dataset is None:
            return ()
        checks.require_packages(TRAINING)
        make_ready(context, spec.model)
        body: Mapping[str, object] = request.body["request"]  # type: ignore[assignment]
        asked = {"request": {**body, "job": "forecast", "output": ""}}
        keep = spec.evaluator is not None
        return self._work("forecast", asked, context.root, FORECAST_SECONDS, keep=keep)

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter]:
        return tokens.token_counter(context, model, recipe)

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        if spec.evaluator is None or not rows:
            return ()
        body: Mapping[str, object] = request.body["request"]  # type: ignore[assignment]
        asked = {"evaluator": body["evaluator"], "rows": list(rows)}
        return self._work("trial", asked, context.root, TRIAL_SECONDS[spec.evaluator.kind])

    def submit(self, context: Context, name: str, request: Request) -> None:
        checks.require_packages(TRAINING)
        if self._worker is not None:
            self._worker.close()  # the job needs its memory
            self._worker = None
        super().submit(context, name, request)

    def _work(
        self,
        task: str,
        arguments: Mapping[str, object],
        root: Path,
        seconds: float,
        *,
        keep: bool = False,
    ) -> list[str]:
        """Have a worker do a task: the one that was kept, which has imported torch, or a new one.

        Args:
            task: ``forecast`` or ``trial``.
            arguments: of the task.
            root: the project's folder.
            seconds: before it is ended.
            keep: keep the worker for a task that follows.
        """
        ready, self._worker = self._worker, None
        if ready is not None and ready.root != root:
            ready.close()
            ready = None
        ready = ready or worker.Worker(root)
        try:
            lines = ready.run(task, arguments, seconds)
            if keep:
                self._worker = ready
        finally:
            if self._worker is not ready:
                ready.close()
        return lines
