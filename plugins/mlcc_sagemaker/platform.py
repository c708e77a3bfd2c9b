"""The ``sagemaker`` platform: what the framework asks, answered by the modules beside this one.

They are imported when they are needed: none of them, nor anything of AWS, when options are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from mlcc_core import EvaluatorKind, Option, Platform
from mlcc_sagemaker.request.judges import OPTION as JUDGE_MODEL

if TYPE_CHECKING:
    from mlcc_core import (
        Adapter,
        Check,
        Context,
        Credential,
        InPlaceRead,
        JobState,
        Listing,
        Recipe,
        ReportedSpec,
        Request,
        Sink,
        Staged,
        TokenCounter,
        TrainingSpec,
    )

OPTIONS = (
    Option("--role", str, "The execution role (default: ROLE_ARN)", "ARN"),
    Option("--output-bucket", str, "The output bucket (default: TUNE_S3_BUCKET)", "BUCKET"),
    Option("--accept-eula", bool, "Accept the model's licence, where it has to be"),
    JUDGE_MODEL,
)

LOOK_SECONDS = 10.0
"""Between two looks at an endpoint or component that is on its way."""


class SageMaker(Platform):
    """Serverless model customization, endpoints and inference components.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    name = "sagemaker"
    title = "Amazon SageMaker AI"
    insists_on_catalog = True
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    costs_money = True
    poll_interval = 15.0

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        self.look_seconds = look_seconds
        self._sent: dict[str, Request] = {}

    # --- prerequisites and data ------------------------------------------------------------

    def checks(self, context: Context) -> Sequence[Check]:
        from mlcc_sagemaker.checks import checks

        return list(checks(context))

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        from mlcc_sagemaker.data.in_place import reads_in_place

        return reads_in_place(context, listing)

    def find_staged(self, context: Context, key: str) -> Staged | None:
        from mlcc_sagemaker.data.staging import find_staged

        return find_staged(context, key)

    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        from mlcc_sagemaker.data.staging import stage

        return stage(context, key)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        from mlcc_sagemaker.data.staging import open_staged

        return open_staged(context, uri)

    # --- jobs ------------------------------------------------------------------------------

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        from mlcc_sagemaker.request.request import build_request

        return build_request(context, spec)

    def read_spec(self, body: Mapping[str, object]) -> ReportedSpec:
        from mlcc_sagemaker.job.reported_spec import read_spec

        return read_spec(body)

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

    def list_jobs(self, context: Context, prefix: str) -> Sequence[str]:
        from mlcc_sagemaker.job.jobs import list_jobs

        return list_jobs(context, prefix)

    def submit(self, context: Context, name: str, request: Request) -> None:
        from mlcc_sagemaker.job.submission import submit

        # Before the call: the job may exist although its answer is lost.
        self._sent.setdefault(name, request)
        submit(context, name, request)

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

    # --- deployment ------------------------------------------------------------------------

    def deploy_notice(self, context: Context, model_data: str | None) -> Sequence[str]:
        from mlcc_sagemaker.serving.endpoint import notice

        return notice(context, model_data)

    def deploy(self, context: Context, model_data: str | None) -> Sequence[str]:
        from mlcc_sagemaker.serving.endpoint import deploy

        return deploy(context, model_data, self.look_seconds)

    def undeploy_notice(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.serving.removal import undeploy_notice

        return undeploy_notice(context)

    def undeploy(self, context: Context) -> Sequence[str]:
        from mlcc_sagemaker.serving.removal import undeploy

        return undeploy(context, self.look_seconds)

    def deployed(self, context: Context) -> Sequence[Adapter]:
        from mlcc_sagemaker.serving.components import deployed

        return deployed(context)

    def add_adapter(self, context: Context, name: str, weights: str) -> Adapter:
        from mlcc_sagemaker.serving.adapters import add_adapter

        return add_adapter(context, name, weights, self.look_seconds)

    def remove_adapter(self, context: Context, name: str) -> None:
        from mlcc_sagemaker.serving.removal import remove_component

        remove_component(context, name, self.look_seconds)

    def add_component(self, context: Context, name: str, model_data: str) -> Adapter:
        from mlcc_sagemaker.serving.whole import add_component

        return add_component(context, name, model_data, self.look_seconds)

    def ask(self, context: Context, prompt: str, target: str | None) -> str:
        from mlcc_sagemaker.serving.runtime import ask

        return ask(context, prompt, target)

    # --- account ---------------------------------------------------------------------------

    def secret(self, context: Context, credential: Credential) -> str | None:
        from mlcc_sagemaker.aws.secret_store import read_secret

        return read_secret(context, credential)

    def secrets(self, context: Context, action: str, credential: Credential) -> Sequence[str]:
        from mlcc_sagemaker.aws.secret_store import manage

        return manage(context, action, credential)

    def bootstrap(self, context: Context, action: str, assume_yes: bool) -> Sequence[str]:
        from mlcc_sagemaker.aws.bootstrap import bootstrap

        return bootstrap(context, action, assume_yes, self.look_seconds)
