"""The body of a request: what ``CreateTrainingJob`` is sent, and what goes with it.

A body has four parts, and a fifth where it is needed.

* ``CreateTrainingJob`` is sent as it stands, with the job's name.
* ``creates`` names what is made in the account before it, unless it is there.
* ``asked`` maps what the request needs in another form (a model's id, an evaluator's ARN) to the
  form that was typed.
* ``fingerprints`` change with the content of what the request only refers to.
* ``types`` are those of settings whose text alone would be read as something else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import TrainingSpec
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.request import hyperparameters
from mlcc_sagemaker.request.chain.source import Source
from mlcc_sagemaker.request.evaluators import FoundEvaluator
from mlcc_sagemaker.request.hub import HubModel, Recipe
from mlcc_sagemaker.request.options.notifications import Notification
from mlcc_sagemaker.request.options.values import Surroundings

WAITS = "(waits for staging)"
NAMED_BY_ROWS = "(named by the dataset)"

TRAIN, VALIDATION = "train", "validation"
"""The names of the channels that jobs of serverless customization read."""

JOB = "CreateTrainingJob"
CREATES = "creates"
ASKED = "asked"
FINGERPRINTS = "fingerprints"
TYPES = "types"


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a request is put together of, looked up and checked.

    Attributes:
        role, bucket, region: of the job.
        model, recipe: of the hub.
        given: every hyperparameter, by name.
        accepted: the model's licence is.
        evaluator: ``None`` for a technique that takes none, or whose rows name it.
        mlflow: the ARN of the server that tracks the job; ``None`` for none.
        around: the flags about the surroundings of the job.
        source: the package that the job goes on from; ``None``: it begins with the model.
    """

    role: Role
    bucket: str
    region: str
    model: HubModel
    recipe: Recipe
    given: Mapping[str, object]
    accepted: bool
    evaluator: FoundEvaluator | None
    mlflow: str | None
    around: Surroundings
    source: Source | None

    def notification(self, project: str) -> Notification | None:
        """Return the rule that tells a topic of the jobs of a project, where one was asked for."""
        return Notification.of(self.around.topic, project) if self.around.topic else None


def output_prefix(spec: TrainingSpec) -> str:
    """Return the place of outputs in their bucket."""
    return f"{spec.project}/tune/{spec.technique}/"


def group_of(project: str) -> str:
    """Return the model package group of a project."""
    return f"mlcc-{project}"


def body_of(spec: TrainingSpec, project: str, parts: Parts) -> Mapping[str, object]:
    """Return the body of the request for ``spec``.

    Args:
        spec: the job that is asked for.
        project: the project's name.
        parts: of the request.
    """
    creates: dict[str, object] = {"ModelPackageGroup": group_of(project)}
    asked = {parts.model.id: spec.model}
    fingerprints = {"dataset": spec.dataset.fingerprint} if spec.dataset else {}
    evaluator = parts.evaluator
    if evaluator is not None and spec.evaluator is not None:
        asked[evaluator.arn] = spec.evaluator.value
        if evaluator.copy:
            creates["RewardPrompt"] = dataclasses.asdict(evaluator.copy)
        if evaluator.create:
            creates["Evaluator"] = dataclasses.asdict(evaluator.create)
        if evaluator.checksum:
            fingerprints["evaluator"] = evaluator.checksum
    if parts.source is not None:
        fingerprints["start"] = parts.source.fingerprint
    notification = parts.notification(project)
    if notification is not None:
        creates["Notification"] = dataclasses.asdict(notification)
    types = hyperparameters.types_of(spec.settings)
    return {
        JOB: _job(spec, project, parts),
        CREATES: creates,
        ASKED: {found: typed for found, typed in asked.items() if found != typed},
        FINGERPRINTS: fingerprints,
        **({TYPES: types} if types else {}),
    }


def _job(spec: TrainingSpec, project: str, parts: Parts) -> dict[str, Any]:
    """Return the members of ``CreateTrainingJob``, without the name."""
    around = parts.around
    output = {"S3OutputPath": f"s3://{parts.bucket}/{output_prefix(spec)}"}
    if around.kms_key:
        output["KmsKeyId"] = around.kms_key
    job: dict[str, Any] = {
        "RoleArn": parts.role.arn,
        "InputDataConfig": _channels(spec),
        "OutputDataConfig": output,
        "HyperParameters": hyperparameters.as_sent(parts.given),
        "ServerlessJobConfig": _serverless(spec, parts),
        "Tags": _tags(spec, parts),
        "ModelPackageConfig": _packages(project, parts),
    }
    if parts.mlflow:
        job["MlflowConfig"] = {
            "MlflowResourceArn": parts.mlflow,
            "MlflowExperimentName": spec.project,
        }
    if around.subnets:
        job["VpcConfig"] = around.network
    if around.seconds is not None:
        job["StoppingCondition"] = {"MaxRuntimeInSeconds": around.seconds}
    return job


def _serverless(spec: TrainingSpec, parts: Parts) -> dict[str, Any]:
    config: dict[str, Any] = {
        "BaseModelArn": parts.model.arn,
        "JobType": "FineTuning",
        "CustomizationTechnique": spec.trainer,
    }
    if spec.training_type == "lora":
        config["Peft"] = "LORA"
    if parts.accepted:
        config["AcceptEula"] = True
    if parts.evaluator is not None:
        config["EvaluatorArn"] = parts.evaluator.arn
    elif spec.evaluator_argument is not None:
        config["EvaluatorArn"] = NAMED_BY_ROWS
    if parts.recipe.send_length:
        config["SequenceLength"] = parts.recipe.entry["SequenceLength"]
    return config


def _tags(spec: TrainingSpec, parts: Parts) -> list[dict[str, str]]:
    """The first two are those of the SageMaker SDK, by which the console knows the model."""
    tags = {
        "sagemaker-sdk:jumpstart-model-id": parts.model.id,
        "sagemaker-sdk:jumpstart-hub-name": parts.model.hub,
        "mlcc:project": spec.project,
        "mlcc:technique": spec.technique,
        **parts.around.tags,
    }
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _packages(project: str, parts: Parts) -> dict[str, str]:
    """Return the group that the output joins, and the package that the job goes on from."""
    place = f"arn:{parts.role.partition}:sagemaker:{parts.region}:{parts.role.account}"
    config = {"ModelPackageGroupArn": f"{place}:model-package-group/{group_of(project)}"}
    if parts.source is not None:
        config["SourceModelPackageArn"] = parts.source.arn
    return config


def _channels(spec: TrainingSpec) -> list[dict[str, Any]]:
    """Return the channels of the job's data: of the rows to train on, and of those held out."""
    dataset = spec.dataset
    if dataset is None:
        names = (TRAIN, VALIDATION) if spec.holds_out else (TRAIN,)
        return [_channel(name, WAITS) for name in names]
    validation = [] if dataset.validation is None else [_channel(VALIDATION, dataset.validation)]
    return [_channel(TRAIN, dataset.uri), *validation]


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
