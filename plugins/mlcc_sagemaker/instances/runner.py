"""Training jobs on instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

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
    from mlcc_sagemaker.instances.job.jobs import Known


class InstanceJobs(JobRunner):
    """Runs training jobs, those of users' scripts included.

    A job that was interrupted goes on in further jobs of the service, which count as the same.
    """

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    # --- before the job ------------------------------------------------------------------------

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        from mlcc_sagemaker.instances.request.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        from mlcc_sagemaker.instances.job.reported_spec import read_spec

        return read_spec(body)

    def find_start(self, context: Context, path: str, model: str | None) -> Start:
        from mlcc_sagemaker.instances.request.start import find_start

        return find_start(context, path, model)

    def libraries(self, context: Context) -> Mapping[str, str]:
        from mlcc_sagemaker.instances.code.requirements import libraries

        return libraries()

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
        from mlcc_sagemaker.instances.request.trial import check_settings

        return check_settings(context, request)

    def token_counter(
        self, context: Context, model: str, recipe: Recipe | None
    ) -> AbstractContextManager[TokenCounter] | None:
        from mlcc_sagemaker.instances.request.tokens import token_counter

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

    def known(self, name: str) -> Known:
        """Return what this process remembers of a job, to be brought up to date by who looks."""
        from mlcc_sagemaker.instances.job.jobs import Known

        return self._known.setdefault(name, Known())

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        from mlcc_sagemaker.instances.job.jobs import list_jobs

        return list_jobs(context, prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        from mlcc_sagemaker.instances.job.submission import submit

        # Before the call: the job may exist although its answer is lost.
        self.recall(name, request)
        submit(context, name, request)

    def recall(self, name: str, request: Request) -> None:
        self.known(name).sent = request

    def describe(self, context: Context, name: str) -> JobState:
        from mlcc_sagemaker.instances.job.jobs import describe

        return describe(context, name, self.known(name))

    def progress_since(self, context: Context, name: str, step: int) -> Sequence[Progress]:
        from mlcc_sagemaker.instances.job.progress import progress_since

        return progress_since(context, name, step, self.known(name))

    def resume(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.instances.job.resuming import resume

        resume(context, name, self.known(name))

    def forget(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.instances.job.removal import forget

        forget(context, name, self.known(name))

    def stop(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.instances.job.jobs import stop

        stop(context, name, self.known(name))

    def remove(self, context: Context, name: str) -> Sequence[str]:
        from mlcc_sagemaker.instances.job.removal import remove

        return remove(context, name, self.known(name))

    def logs(self, context: Context, name: str, follow: bool) -> Iterator[str]:
        from mlcc_sagemaker.instances.job.log.people import read_log

        known = self.known(name)
        known.look(context, name)  # an unknown job is told before the first line is asked for
        return read_log(context, name, follow, known)
