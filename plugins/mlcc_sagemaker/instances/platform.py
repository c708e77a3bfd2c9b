"""The ``sagemaker_jobs`` platform: its names and options, and its parts.

Nothing of AWS is imported when options are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from mlcc_core import Engine, Option, Setting
from mlcc_engine.engine import TRL
from mlcc_sagemaker.instances.money.pricing import InstancePricing
from mlcc_sagemaker.instances.options.declared import OPTIONS, SETTINGS
from mlcc_sagemaker.instances.runner import InstanceJobs
from mlcc_sagemaker.instances.scripts import InstanceScripts
from mlcc_sagemaker.parts.aws_platform import LOOK_SECONDS, AwsPlatform

if TYPE_CHECKING:
    from mlcc_core import Check, Context


class SageMakerJobs(AwsPlatform):
    """Training jobs on chosen instances; endpoints and inference components as ``sagemaker`` has.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    name = "sagemaker_jobs"
    title = "Amazon SageMaker AI training jobs"
    engines: ClassVar[tuple[Engine, ...]] = (TRL,)
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        super().__init__(look_seconds)
        self._runner = InstanceJobs()
        self._scripts = InstanceScripts()
        self._pricing = InstancePricing(self._runner)

    @property
    def runner(self) -> InstanceJobs:
        return self._runner

    @property
    def scripts(self) -> InstanceScripts:
        return self._scripts

    @property
    def pricing(self) -> InstancePricing:
        return self._pricing

    def checks(self, context: Context) -> Sequence[Check]:
        from mlcc_sagemaker.instances.checks import checks

        return list(checks(context))
