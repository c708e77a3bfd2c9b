"""The ``sagemaker_jobs`` platform: its names and options, and its parts.

Nothing of AWS is imported when options are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import Engine, EvaluatorKind, Option, Platform, Setting
from mlcc_engine.engine import TRL
from mlcc_sagemaker.bedrock.options import DESTINATION
from mlcc_sagemaker.instances.money.pricing import InstancePricing
from mlcc_sagemaker.instances.options.declared import OPTIONS, SETTINGS
from mlcc_sagemaker.instances.runner import InstanceJobs
from mlcc_sagemaker.instances.scripts import InstanceScripts
from mlcc_sagemaker.parts.account import AwsAccount
from mlcc_sagemaker.parts.answering import EndpointAnswering
from mlcc_sagemaker.parts.exporting import BucketExporting
from mlcc_sagemaker.parts.serving import EndpointServing
from mlcc_sagemaker.parts.store import BucketStore
from mlcc_sagemaker.platform import DEPLOY_OPTIONS, LOOK_SECONDS

if TYPE_CHECKING:
    from mlcc_core import Check, Context


class SageMakerJobs(Platform):
    """Training jobs on chosen instances; endpoints and inference components as ``sagemaker`` has.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    name = "sagemaker_jobs"
    api_version = "2.0"
    title = "Amazon SageMaker AI training jobs"
    engines: ClassVar[tuple[Engine, ...]] = (TRL,)
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS
    deploy_options: ClassVar[tuple[Option, ...]] = DEPLOY_OPTIONS
    destinations: ClassVar[tuple[str, ...]] = (DESTINATION,)
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    takes_settings = True
    costs_money = True
    poll_interval = 15.0

    store = BucketStore()
    exporting = BucketExporting()

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        self._runner = InstanceJobs()
        self._scripts = InstanceScripts()
        self._serving = EndpointServing(look_seconds)
        self._answering = EndpointAnswering()
        self._account = AwsAccount(look_seconds)
        self._pricing = InstancePricing(self._runner)

    @property
    def runner(self) -> InstanceJobs:
        return self._runner

    @property
    def scripts(self) -> InstanceScripts:
        return self._scripts

    @property
    def serving(self) -> EndpointServing:
        return self._serving

    @property
    def answering(self) -> EndpointAnswering:
        return self._answering

    @property
    def pricing(self) -> InstancePricing:
        return self._pricing

    @property
    def account(self) -> AwsAccount:
        return self._account

    def checks(self, context: Context) -> Sequence[Check]:
        from mlcc_sagemaker.instances.checks import checks

        return list(checks(context))
