"""The platforms of an AWS account: all of them deploy, ask and export alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mlcc_core import EvaluatorKind, Option, Platform
from mlcc_sagemaker.bedrock.options import DESTINATION, IMPORT_OPTIONS
from mlcc_sagemaker.parts.account import AwsAccount
from mlcc_sagemaker.parts.answering import EndpointAnswering
from mlcc_sagemaker.parts.exporting import BucketExporting
from mlcc_sagemaker.parts.serving import EndpointServing
from mlcc_sagemaker.parts.store import BucketStore
from mlcc_sagemaker.serving import flags as serving_flags

if TYPE_CHECKING:
    from pathlib import Path

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


class AwsPlatform(Platform):
    """The parts that are the same wherever a model was trained.

    Args:
        look_seconds: between two looks at what is being deployed.
    """

    api_version = "2.0"
    deploy_options: ClassVar[tuple[Option, ...]] = DEPLOY_OPTIONS
    destinations: ClassVar[tuple[str, ...]] = (DESTINATION,)
    evaluators: ClassVar[tuple[EvaluatorKind, ...]] = tuple(EvaluatorKind)
    takes_settings = True
    costs_money = True
    poll_interval = 15.0

    store = BucketStore()
    exporting = BucketExporting()

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        self._serving = EndpointServing(look_seconds)
        self._answering = EndpointAnswering()
        self._account = AwsAccount(look_seconds)

    def model_name(self, name: str, root: Path) -> str:
        from mlcc_sagemaker.serving.own.names import checked_name

        return checked_name(name, root)

    @property
    def serving(self) -> EndpointServing:
        return self._serving

    @property
    def answering(self) -> EndpointAnswering:
        return self._answering

    @property
    def account(self) -> AwsAccount:
        return self._account
