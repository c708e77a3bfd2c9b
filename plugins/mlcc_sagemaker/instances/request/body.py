"""The body of a request: what ``CreateTrainingJob`` is sent, and what goes with it.

It has the parts of :mod:`mlcc_sagemaker.request.body`. ``creates`` names the code that must be in
the bucket before the job, which is known by its content. The hyperparameters are those that
:mod:`mlcc_engine.container.hyperparameters` makes of the engine's request: everything that decides
what is trained is in them, in the channels, and in ``fingerprints``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import TrainingSpec
from mlcc_engine.container import hyperparameters
from mlcc_engine.container.layout import (
    CODE,
    MODEL,
    OFFLINE,
    PROCESSES,
    PROGRESS,
    START,
    TOKEN_SECRET,
    TRAIN,
    VALIDATION,
)
from mlcc_engine.engine import request_of
from mlcc_engine.options.scale import QUANTIZE
from mlcc_engine.options.training import training_settings
from mlcc_engine.request import parse
from mlcc_sagemaker.aws.account import Role
from mlcc_sagemaker.instances.code.contents import Code
from mlcc_sagemaker.instances.options.values import Instances
from mlcc_sagemaker.instances.request.evaluator import SentEvaluator
from mlcc_sagemaker.instances.request.image import Image
from mlcc_sagemaker.instances.request.model import FoundModel
from mlcc_sagemaker.request.body import (
    ASKED,
    CREATES,
    FINGERPRINTS,
    JOB,
    WAITS,
    output_prefix,
)
from mlcc_sagemaker.request.options.notifications import Notification
from mlcc_sagemaker.request.options.values import Surroundings

NAME = "sagemaker_jobs"
"""The platform's name, as call-backs in the job see it."""

ROOT = "/opt/ml"
"""The root of a container, as SageMaker lays it out."""

ENTRYPOINT = ["python3", f"{ROOT}/input/data/{CODE}/start.py"]
CHECKPOINTS = f"{ROOT}/checkpoints"

NAMED = "(the job's name)"
"""Stands for the job's name, which no request knows before it is sent."""

CREATES_CODE, CREATES_NOTIFICATION = "Code", "Notification"

METRICS = (
    *("loss", "reward", "margin", "accuracy"),
    *("held_out_loss", "held_out_reward", "held_out_margin", "held_out_accuracy"),
)
"""Numbers of the lines of progress that CloudWatch draws and a job's description ends with."""

NUMBER = r"([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a job runs in, whatever it runs.

    Attributes:
        role, bucket: of the job.
        instances: it runs on.
        image: it runs in.
        around: the flags about its surroundings.
        offline: packages come with the job alone.
        hub: another address of the Hub that this project uses; ``None`` for the public one.
    """

    role: Role
    bucket: str
    instances: Instances
    image: Image
    around: Surroundings
    offline: bool
    hub: str | None

    def environment(self, secret: str | None = None) -> dict[str, str]:
        """Return the environment variables of a container.

        Args:
            secret: the name of the secret with the token of the Hub; ``None`` for none.
        """
        return {
            PROCESSES: str(self.instances.processes),
            **({OFFLINE: "1"} if self.offline else {}),
            **({TOKEN_SECRET: secret} if secret else {}),
            **({"HF_ENDPOINT": self.hub} if self.hub else {}),
        }

    def notification(self, project: str) -> Notification | None:
        """Return the rule that tells a topic of the jobs of a project, where one was asked for."""
        return Notification.of(self.around.topic, project) if self.around.topic else None

    def job(
        self,
        output: str,
        channels: Mapping[str, str],
        given: Mapping[str, str],
        tags: Mapping[str, str],
        secret: str | None = None,
    ) -> dict[str, Any]:
        """Return the members of ``CreateTrainingJob``, without the name.

        Args:
            output: the place of outputs in the bucket.
            channels: URI of each, by name.
            given: the hyperparameters.
            tags: by key; the user's are added.
            secret: as of :meth:`environment`.
        """
        around, uri = self.around, f"s3://{self.bucket}/{output}"
        key = {"KmsKeyId": around.kms_key} if around.kms_key else {}
        job: dict[str, Any] = {
            "RoleArn": self.role.arn,
            "AlgorithmSpecification": {
                "TrainingImage": self.image.uri,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": list(ENTRYPOINT),
            },
            "HyperParameters": dict(given),
            "InputDataConfig": [_channel(name, uri) for name, uri in channels.items()],
            "OutputDataConfig": {"S3OutputPath": uri, "CompressionType": "NONE", **key},
            "ResourceConfig": self.instances.resources,
            "StoppingCondition": self.instances.stopping,
            "CheckpointConfig": {"S3Uri": f"{uri}{NAMED}/checkpoints/", "LocalPath": CHECKPOINTS},
            "Environment": self.environment(secret),
            "Tags": [{"Key": k, "Value": v} for k, v in {**tags, **around.tags}.items()],
        }
        if self.instances.spot:
            job["EnableManagedSpotTraining"] = True
        if around.subnets:
            job["VpcConfig"] = around.network
        return job

    def creates(self, project: str, code: Code) -> dict[str, Any]:
        """Return what must be in the account before the job."""
        notification = self.notification(project)
        told = {CREATES_NOTIFICATION: dataclasses.asdict(notification)} if notification else {}
        return {CREATES_CODE: code.document(), **told}


@dataclass(frozen=True, slots=True)
class Parts:
    """All that the request of a training is put together of, looked up and checked.

    Attributes:
        place: where it runs.
        model: it begins with.
        evaluator: ``None`` for a technique that takes none, or whose rows name it.
        code: that it runs.
    """

    place: Place
    model: FoundModel
    evaluator: SentEvaluator | None
    code: Code

    @property
    def secret(self) -> str | None:
        """Return the name of the secret with the token that model or judge take."""
        return self.model.secret or (self.evaluator.secret if self.evaluator else None)


def body_of(spec: TrainingSpec, project: str, parts: Parts) -> Mapping[str, object]:
    """Return the body of the request for ``spec``.

    Args:
        spec: the job that is asked for.
        project: the project's name.
        parts: of the request.
    """
    asked = {parts.model.name: spec.model}
    prints = {"dataset": spec.dataset.fingerprint} if spec.dataset else {}
    if parts.model.fingerprint:
        prints["model"] = parts.model.fingerprint
    if parts.evaluator is not None and spec.evaluator is not None:
        asked[parts.evaluator.name] = spec.evaluator.value
        prints["evaluator"] = parts.evaluator.sha256
    tags = {"mlcc:project": spec.project, "mlcc:technique": spec.technique}
    job = parts.place.job(
        output_prefix(spec), _channels(spec, parts), engine_values(spec, parts), tags, parts.secret
    )
    job["AlgorithmSpecification"]["MetricDefinitions"] = metric_definitions()
    return {
        JOB: job,
        CREATES: parts.place.creates(project, parts.code),
        ASKED: {found: typed for found, typed in asked.items() if found != typed},
        FINGERPRINTS: prints,
    }


def engine_values(spec: TrainingSpec, parts: Parts) -> dict[str, str]:
    """Return the engine's request as the hyperparameters of a job."""
    fields = request_of(spec)
    fields.pop("take", None)
    fields |= {
        **training_settings(spec),
        "job": "",
        "output": "",
        "dataset": fields["dataset"] or WAITS,
        "model": parts.model.name,
        "platform": NAME,
        "callbacks": tuple(fields["callbacks"]),
        "processes": parts.place.instances.all_processes,
    }
    if spec.options.get(QUANTIZE):
        fields[QUANTIZE] = spec.options[QUANTIZE]
    if parts.evaluator is not None:
        settings = dict(parts.evaluator.settings)
        fields["evaluator"] |= {"value": parts.evaluator.value, "settings": settings}
    return hyperparameters.as_hyperparameters(parse(fields))


def metric_definitions() -> list[dict[str, str]]:
    """Return the regular expressions by which the service reads numbers from lines of progress."""
    return [{"Name": name, "Regex": f'{PROGRESS}.*"{name}": {NUMBER}'} for name in METRICS]


def _channels(spec: TrainingSpec, parts: Parts) -> dict[str, str]:
    """Return the URI of every channel: of code, rows, model and start."""
    channels = {CODE: parts.code.uri}
    dataset = spec.dataset
    channels[TRAIN] = WAITS if dataset is None else dataset.uri
    held_out = WAITS if dataset is None and spec.holds_out else dataset and dataset.validation
    if held_out:
        channels[VALIDATION] = held_out
    if parts.model.channel is not None:
        channels[MODEL] = parts.model.channel
    if spec.start is not None:
        channels[START] = spec.start.output.path
    return channels


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "InputMode": "File", "DataSource": {"S3DataSource": source}}
