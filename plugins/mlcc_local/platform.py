"""The ``local`` platform: real training on this machine, with no account and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, ClassVar

from mlcc_core import (
    Adapter,
    Check,
    Context,
    Demo,
    EvaluatorKind,
    InPlaceRead,
    JobState,
    Listing,
    Option,
    Platform,
    PlatformError,
    Recipe,
    ReportedSpec,
    Request,
    Sink,
    Staged,
    TokenCounter,
    TrainingSpec,
)
from mlcc_core.helpers import disk_errors
from mlcc_engine import job_result
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache
from mlcc_engine.smollm2 import model as smollm2
from mlcc_local import checks, staged, tokens
from mlcc_local.demo import material
from mlcc_local.job import folders, process, state, worker
from mlcc_local.job.log import last_lines, read_lines
from mlcc_local.job.stopping import stop_job
from mlcc_local.request import request
from mlcc_local.request.evaluators import EVALUATOR_OPTIONS
from mlcc_local.request.judges import JUDGE_OPTIONS
from mlcc_local.request.settings import TRAINING_OPTIONS
from mlcc_local.serving import serving

ENGINE = (sys.executable, "-P", "-u", "-m", "mlcc_engine")

FORECAST_SECONDS = 600.0
"""A tokenizer may have to be downloaded first."""

TRIAL_SECONDS: Mapping[EvaluatorKind, float] = {
    EvaluatorKind.FUNCTION: 60.0,
    EvaluatorKind.PROMPT: 900.0,
}
"""A function that needs a minute for a few replies would take days; a judge may have to load."""

LINE_FORMATS = (".jsonl", ".ndjson")


class Local(Platform):
    """Trains with TRL and PEFT in a child process, on whatever device there is.

    Args:
        command: the program that trains the job whose folder it is given as its last argument,
            by the contract of :mod:`mlcc_engine`; tests of process handling give another.
    """

    name = "local"
    title = "this machine"
    default = True
    default_model = tiny.NAME
    options: ClassVar[tuple[Option, ...]] = (
        *TRAINING_OPTIONS,
        *JUDGE_OPTIONS,
        *EVALUATOR_OPTIONS,
    )
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    poll_interval = 1.0

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self.command = tuple(command)
        self._worker: worker.Worker | None = None

    @property
    def demo(self) -> Demo:
        return material()

    def model_note(self, model: str) -> str | None:
        if model != tiny.NAME:
            return None
        return (
            f"{tiny.NAME} is a toy that knows nothing. A real model that fits a laptop: "
            f"mlcc init . --model {smollm2.NAME}   # or ORG/NAME of the Hugging Face Hub"
        )

    # --- prerequisites and data ------------------------------------------------------------

    def checks(self, context: Context) -> Sequence[Check]:
        return checks.checks(context.root)

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        only = listing.files[0]
        plain = len(listing.files) == 1 and only.exact and only.name.endswith(LINE_FORMATS)
        return InPlaceRead(str(only.path.absolute()) if plain and only.path is not None else None)

    def find_staged(self, context: Context, key: str) -> Staged | None:
        return staged.find_staged(context.root, key)

    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        return staged.stage(context.root, key)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        return staged.open_staged(uri)

    # --- jobs ------------------------------------------------------------------------------

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        return request.build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        return request.read_spec(body)

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        if spec.dataset is None:
            return ()
        checks.require_packages("Training on this machine")
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

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        return folders.list_names(context.root, prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        checks.require_packages("Training on this machine")
        if self._worker is not None:
            self._worker.close()  # the job needs its memory
            self._worker = None
        root = context.root.resolve()
        folder = folders.create(root, name, request.body)
        try:
            begun = process.start(folder, (*self.command, str(folder.path)), root, state.PATIENCE)
        except OSError as error:
            raise not_started(folder, error.strerror or str(error)) from None
        if not begun and not state.describe(folder).final:
            raise not_started(folder, " ".join(last_lines(folder.log, 1)))

    def describe(self, context: Context, name: str) -> JobState:
        return state.describe(folders.find(context.root, name))

    def stop(self, context: Context, name: str) -> None:
        stop_job(folders.find(context.root, name), context.say)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        folder = folders.find(context.root, name)
        return read_lines(folder.log, lambda: follow and not state.describe(folder).final)

    # --- deployment ------------------------------------------------------------------------

    def deploy(self, context: Context, model_data: str | None) -> Sequence[str]:
        return serving.deploy(context, model_data, tiny.NAME)

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        return serving.undeploy_notice(context)

    def undeploy(self, context: Context) -> Sequence[str]:
        return serving.undeploy(context)

    def deployed(self, context: Context) -> Sequence[Adapter]:
        return serving.deployed(context, tiny.NAME)

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        return serving.add_adapter(context, name, weights, tiny.NAME)

    def remove_adapter(self, context: Context, name: str) -> None:
        serving.remove(context, name)

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        return serving.add_component(context, name, model_data, tiny.NAME)

    def ask(self, context: Context, prompt: str, target: str | None) -> str:
        checks.require_packages("Asking a model on this machine")
        make_ready(context, serving.base_at_hand(context, tiny.NAME))
        return serving.ask(context, prompt, target, tiny.NAME)

    def ask_both(self, context: Context, prompt: str, target: str) -> tuple[str, str]:
        checks.require_packages("Asking a model on this machine")
        make_ready(context, serving.base_at_hand(context, tiny.NAME))
        return serving.ask_both(context, prompt, target, tiny.NAME)


def make_ready(context: Context, model: str) -> None:
    """Fetch and convert a built-in model that needs it, with lines of progress.

    Raises:
        MlccError, PlatformError: it cannot be made.
    """
    if model == smollm2.NAME:
        smollm2.ensure(default_cache(), context.say)


def not_started(folder: folders.JobFolder, reason: str) -> PlatformError:
    """Write down that the job will never start, and the error that says so."""
    what = f"The process of the job cannot be started: {reason or 'no reason was given'}"
    with disk_errors(doing=f"start the job {folder.name}"):
        job_result.write(folder.path, job_result.JobResult("failed", fault="platform", reason=what))
    return PlatformError(what)
