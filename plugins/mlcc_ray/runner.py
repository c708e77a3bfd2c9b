"""Jobs of a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

from mlcc_core import JobRunner

if TYPE_CHECKING:
    from mlcc_core import (
        Context,
        JobState,
        Progress,
        Recipe,
        ReportedSpec,
        Request,
        Start,
        TokenCounter,
        TrainerSetting,
        TrainingSpec,
        TrainingType,
    )


class RayJobs(JobRunner):
    """Runs trainings on the cluster that the project names.

    A job is its folder in the storage, ``jobs/<name>/``, which outlives the cluster. One that was
    interrupted goes on in further submissions, which count as the same job.
    """

    # --- before the job ------------------------------------------------------------------------

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        from mlcc_ray.request.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        from mlcc_ray.request.request import read_spec

        return read_spec(body)

    def find_start(self, context: Context, path: str, model: str | None) -> Start:
        from mlcc_folders.model.starts import find_start
        from mlcc_ray.request.folders import base_of

        return find_start(context, path, model or base_of(context, path))

    def list_settings(
        self,
        context: Context,
        recipe: Recipe,
        training_type: TrainingType,
        model: str | None = None,
    ) -> Sequence[TrainerSetting]:
        from mlcc_folders.worker.trials import list_settings

        return list_settings(context, recipe, training_type)

    def check_settings(
        self, context: Context, spec: TrainingSpec, request: Request
    ) -> Sequence[str]:
        from mlcc_folders.worker.trials import check_settings
        from mlcc_ray.request.request import RAY

        asked = cast("Mapping[str, object]", request.body["request"])
        return check_settings(context, {key: asked[key] for key in asked if key != RAY})

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter]:
        from mlcc_folders.tokens.counter import token_counter

        return token_counter(context, model, recipe)

    def try_evaluator(
        self,
        context: Context,
        spec: TrainingSpec,
        request: Request,
        rows: Sequence[Mapping[str, object]],
    ) -> Sequence[str]:
        from mlcc_folders.worker.trials import try_function

        return try_function(context, spec, rows)

    def why_untried(self, context: Context, spec: TrainingSpec) -> str | None:
        from mlcc_folders.worker.trials import why_untried

        return why_untried(spec)

    # --- jobs that exist -----------------------------------------------------------------------

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        from mlcc_ray.job.listing import list_jobs

        return list_jobs(context, prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        from mlcc_ray.job.submission import submit

        submit(context, name, request)

    def describe(self, context: Context, name: str) -> JobState:
        from mlcc_ray.job.describing import describe

        return describe(context, name)

    def progress_since(self, context: Context, name: str, step: int) -> Sequence[Progress]:
        from mlcc_ray.job.listing import progress_since

        return progress_since(context, name, step)

    def resume(self, context: Context, name: str) -> None:
        from mlcc_ray.job.resuming import resume

        resume(context, name)

    def forget(self, context: Context, name: str) -> None:
        from mlcc_ray.job.ending import forget

        forget(context, name)

    def stop(self, context: Context, name: str) -> None:
        from mlcc_ray.job.ending import stop

        stop(context, name)

    def remove(self, context: Context, name: str) -> Sequence[str]:
        from mlcc_ray.job.ending import remove

        return remove(context, name)

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        from mlcc_ray.job.logs import read_log

        return read_log(context, name, follow)
