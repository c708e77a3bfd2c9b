"""The ``sagemaker`` platform: its names and options, and its parts in ``parts/``.

Nothing of AWS is imported when options are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import Engine, EvaluatorKind, Option, Platform, Setting
from mlcc_sagemaker.bedrock.options import DESTINATION, IMPORT_OPTIONS
from mlcc_sagemaker.engine import SERVERLESS
from mlcc_sagemaker.live.known_judges import OPTION as JUDGE_MODEL
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.parts.account import AwsAccount
from mlcc_sagemaker.parts.answering import EndpointAnswering
from mlcc_sagemaker.parts.exporting import BucketExporting
from mlcc_sagemaker.parts.managed import ManagedJobs
from mlcc_sagemaker.parts.pricing import AwsPricing
from mlcc_sagemaker.parts.runner import ServerlessJobs
from mlcc_sagemaker.parts.serving import EndpointServing
from mlcc_sagemaker.parts.store import BucketStore
from mlcc_sagemaker.request.options.declared import OPTIONS as SURROUNDINGS
from mlcc_sagemaker.serving import flags as serving_flags

if TYPE_CHECKING:
    from mlcc_core import Check, Context, LiveModel

OPTIONS = (
    Option("--role", str, "The execution role (default: ROLE_ARN)", "ARN"),
    Option("--output-bucket", str, "The output bucket (default: TUNE_S3_BUCKET)", "BUCKET"),
    Option("--accept-eula", bool, "Accept the model's licence, where it has to be"),
    JUDGE_MODEL,
    *yours.OPTIONS,
    *SURROUNDINGS,
)

DEPLOY_OPTIONS = (
    Option(
        "--role",
        str,
        "The role that the endpoint runs with, or that Bedrock reads weights with (default: "
        "ROLE_ARN, IMPORT_ROLE_ARN)",
        "ARN",
    ),
    Option("--accept-eula", bool, "Accept the model's licence, where it has to be"),
    *serving_flags.OPTIONS,
    *IMPORT_OPTIONS,
)

LOOK_SECONDS = 10.0
"""Between two looks at an endpoint or component that is on its way."""


class SageMaker(Platform):
    """Serverless model customization, endpoints and inference components.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    name = "sagemaker"
    api_version = "2.0"
    title = "Amazon SageMaker AI"
    insists_on_catalog = True
    engines: ClassVar[tuple[Engine, ...]] = (SERVERLESS,)
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    settings: ClassVar[tuple[Setting, ...]] = yours.SETTINGS
    destinations: ClassVar[tuple[str, ...]] = (DESTINATION,)
    deploy_options: ClassVar[tuple[Option, ...]] = DEPLOY_OPTIONS
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    takes_settings = True
    costs_money = True
    trains_any = "sagemaker_jobs"
    poll_interval = 15.0

    store = BucketStore()
    exporting = BucketExporting()

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        self._runner = ServerlessJobs()
        self._serving = EndpointServing(look_seconds)
        self._answering = EndpointAnswering()
        self._account = AwsAccount(look_seconds)
        self._pricing = AwsPricing()
        self._managed = ManagedJobs(self._runner)

    @property
    def runner(self) -> ServerlessJobs:
        return self._runner

    @property
    def serving(self) -> EndpointServing:
        return self._serving

    @property
    def answering(self) -> EndpointAnswering:
        return self._answering

    @property
    def pricing(self) -> AwsPricing:
        return self._pricing

    @property
    def account(self) -> AwsAccount:
        return self._account

    @property
    def managed(self) -> ManagedJobs:
        return self._managed

    def checks(self, context: Context) -> Sequence[Check]:
        from mlcc_sagemaker.checks import checks

        return list(checks(context))

    def live_models(self, context: Context) -> Sequence[LiveModel]:
        from mlcc_sagemaker.live.models import live_models

        return live_models(context)

    def live_model(self, context: Context, model: str) -> LiveModel | None:
        from mlcc_sagemaker.live.models import live_model

        return live_model(context, model)
