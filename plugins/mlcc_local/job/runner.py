"""Jobs of the ``local`` platform: what the engine is asked, and what is tried before a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import cast

from mlcc_core import (
    Context,
    EvaluatorKind,
    JobState,
    PlatformError,
    Recipe,
    ReportedSpec,
    Request,
    TokenCounter,
    TrainerSetting,
    TrainingSpec,
    TrainingType,
)
from mlcc_core.helpers import installed_versions
from mlcc_engine.container.layout import PROGRESS
from mlcc_folders import checks
from mlcc_folders.evaluator import judges
from mlcc_folders.job import process
from mlcc_folders.job.folders import JobFolder, read_document
from mlcc_folders.job.state import DIED, PATIENCE, write_lost
from mlcc_folders.model.ready import make_ready
from mlcc_folders.process_jobs import ENGINE, ProcessJobs
from mlcc_folders.request.reported import read_spec
from mlcc_folders.tokens import counter
from mlcc_folders.worker import trials
from mlcc_folders.worker.worker import Worker, run_worker
from mlcc_local.request import request
from mlcc_local.scripts import folder as scripts

FORECAST_SECONDS = 600.0
"""A tokenizer may have to be downloaded first."""

TRIAL_SECONDS: Mapping[EvaluatorKind, float] = {
    EvaluatorKind.FUNCTION: 60.0,
    EvaluatorKind.PROMPT: 900.0,
}
"""A function that needs a minute for a few replies would take days; a judge may have to load."""

SCRIPT_DIED = "The process of the script died without a result: killed, or out of memory."

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
        self._worker: Worker | None = None

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        return request.build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        return read_spec(body)

    def libraries(self, context: Context) -> Mapping[str, str]:
        return installed_versions(LIBRARIES)

    def list_settings(
        self,
        context: Context,
        recipe: Recipe,
        training_type: TrainingType,
        model: str | None = None,
    ) -> Sequence[TrainerSetting]:
        return trials.list_settings(context, recipe, training_type)

    def check_settings(
        self, context: Context, spec: TrainingSpec, request: Request
    ) -> Sequence[str]:
        checks.require_packages(TRAINING)
        return self._ask(context, "check of settings", request, trials.SETTINGS_SECONDS)

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        if spec.dataset is None:
            return ()
        checks.require_packages(TRAINING)
        make_ready(context, spec.model)
        return self._ask(context, "forecast", request, FORECAST_SECONDS)

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter]:
        return counter.token_counter(context, model, recipe)

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
        kind, root = spec.evaluator.kind, context.root.resolve()
        if kind is EvaluatorKind.FUNCTION:
            # A user's code may leave things behind that must not meet the job.
            return run_worker("trial", asked, root, TRIAL_SECONDS[kind])
        return self._work(self._kept(root) or Worker(root), "trial", asked, TRIAL_SECONDS[kind])

    def why_untried(self, context: Context, spec: TrainingSpec) -> str | None:
        evaluator = spec.evaluator
        if evaluator is None or evaluator.kind is EvaluatorKind.FUNCTION:
            return None
        return judges.why_unasked(evaluator.settings, context.root)

    def start(self, context: Context, folder: JobFolder) -> None:
        if not scripts.runs_script(folder):
            checks.require_packages(TRAINING)
        super().start(context, folder)

    def submit(self, context: Context, name: str, request: Request) -> None:
        if "script" not in cast("Mapping[str, object]", request.body["request"]):
            checks.require_packages(TRAINING)  # or there is no job, and nothing to clear up
        super().submit(context, name, request)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        lines = super().logs(context, name, follow)
        return (line for line in lines if not line.startswith(PROGRESS))

    def state(self, folder: JobFolder) -> JobState:
        state = super().state(folder)
        if not state.interrupted or not scripts.runs_script(folder):
            return state
        reason = (state.reason or "").replace(DIED, SCRIPT_DIED)
        kept = 0 if scripts.has_checkpoints(folder) else None
        return replace(state, reason=reason, saved_step=kept)

    def begin(self, folder: JobFolder, root: Path) -> bool:
        if scripts.runs_script(folder):
            try:
                scripts.prepare(folder)
            except PlatformError as error:
                write_lost(folder, error.what)
                raise
            return process.start(folder, (*scripts.COMMAND, str(folder.path)), root, PATIENCE)
        # A job of several processes begins with their parent, which imports torch by itself.
        alone = (read_document(folder.request) or {}).get("processes", 1) == 1
        ready = self._kept(root) if alone and self.command == ENGINE else None
        return ready.become(folder, PATIENCE) if ready else super().begin(folder, root)

    def _ask(self, context: Context, task: str, request: Request, seconds: float) -> list[str]:
        """Have the worker that may become the job do a task with the job's request."""
        body: Mapping[str, object] = request.body["request"]  # type: ignore[assignment]
        asked = {"request": {**body, "job": "forecast", "output": ""}}
        root = context.root.resolve()
        return self._work(self._kept(root) or Worker(root), task, asked, seconds)

    def _kept(self, root: Path) -> Worker | None:
        """Hand out the worker that forecast, which has imported torch.

        Args:
            root: the project's folder, in which it has to run.

        Returns:
            ``None`` when there is none that can do another task or become the job.
        """
        ready, self._worker = self._worker, None
        if ready is None or (ready.root == root and ready.lives()):
            return ready
        ready.close()
        return None

    def _work(
        self, ready: Worker, task: str, arguments: Mapping[str, object], seconds: float
    ) -> list[str]:
        """Have a worker do a task, and keep it for what follows unless that fails.

        Args:
            ready: the worker.
            task: ``forecast``, ``trial`` or ``check of settings``.
            arguments: of the task.
            seconds: before it is ended.
        """
        try:
            lines = ready.run(task, arguments, seconds)
        except BaseException:
            ready.close()
            raise
        self._worker = ready
        return lines
