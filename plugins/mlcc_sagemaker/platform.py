"""The ``sagemaker`` platform: its names and options, and its parts in ``parts/``.

Nothing of AWS is imported when options are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import Engine, Option, Setting
from mlcc_sagemaker.engine import SERVERLESS
from mlcc_sagemaker.live.known_judges import OPTION as JUDGE_MODEL
from mlcc_sagemaker.money import yours
from mlcc_sagemaker.parts.aws_platform import LOOK_SECONDS, AwsPlatform
from mlcc_sagemaker.parts.managed import ManagedJobs
from mlcc_sagemaker.parts.pricing import AwsPricing
from mlcc_sagemaker.parts.runner import ServerlessJobs
from mlcc_sagemaker.request.options.declared import OPTIONS as SURROUNDINGS

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


class SageMaker(AwsPlatform):
    """Serverless model customization, endpoints and inference components.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    name = "sagemaker"
    title = "Amazon SageMaker AI"
    insists_on_catalog = True
    engines: ClassVar[tuple[Engine, ...]] = (SERVERLESS,)
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    settings: ClassVar[tuple[Setting, ...]] = yours.SETTINGS
    trains_any = "sagemaker_jobs"

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        super().__init__(look_seconds)
        self._runner = ServerlessJobs()
        self._pricing = AwsPricing()
        self._managed = ManagedJobs(self._runner)

    @property
    def runner(self) -> ServerlessJobs:
        return self._runner

    @property
    def pricing(self) -> AwsPricing:
        return self._pricing

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
