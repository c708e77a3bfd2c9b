"""The request of a job: what ``CreateTrainingJob`` is sent, and proof of what was asked.

A body has four parts. ``CreateTrainingJob`` is sent as it stands, with the job's name. ``creates``
names what is made in the account before it, unless it is there. ``asked`` maps what the request
needs in another form (a model's id, an evaluator's ARN) to the form that was typed.
``fingerprints`` change with the content of what the request only refers to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mlcc_core import (
    Context,
    EvaluatorKind,
    MlccError,
    PlatformError,
    Problems,
    Request,
    TrainingSpec,
    raise_all,
)
from mlcc_sagemaker.aws.account import Role, bucket_of, eula_accepted, region_of, role_of
from mlcc_sagemaker.aws.permissions import cannot_write
from mlcc_sagemaker.request import hyperparameters
from mlcc_sagemaker.request.evaluators import FoundEvaluator, find_evaluator
from mlcc_sagemaker.request.hub import HubModel, Recipe, choose_recipe, read_model
from mlcc_sagemaker.request.judges import judge_of
from mlcc_sagemaker.request.mlflow import find_mlflow

T = TypeVar("T")

WAITS = "(waits for staging)"
NAMED_BY_ROWS = "(named by the dataset)"

TRAIN, VALIDATION = "train", "validation"
"""The names of the channels that jobs of serverless customization read."""

JOB = "CreateTrainingJob"
CREATES = "creates"
ASKED = "asked"
FINGERPRINTS = "fingerprints"


class RequestBuilder:
    """Puts the request for a spec together, and gathers everything that is wrong with it."""

    def __init__(self, context: Context, spec: TrainingSpec) -> None:
        self.context = context
        self.spec = spec
        self.problems: list[MlccError] = []

    def build(self) -> Request:
        """The request; see :func:`build_request`."""
        role = self._try(lambda: role_of(self.context, self.spec.options))
        bucket = self._try(lambda: bucket_of(self.context, self.spec.options))
        region = self._try(lambda: region_of(self.context))
        model = self._try(self._model)
        recipe = self._try(lambda: self._recipe(model)) if model else None
        given = self._hyperparameters(model, recipe, region) if model and recipe else {}
        evaluator = self._try(lambda: self._evaluator(role)) if role else None
        if model:
            self._check_eula(model)
        mlflow, untracked = self._try(lambda: find_mlflow(self.context)) or (None, None)
        raise_all(self.problems)
        if not (role and bucket and model and recipe and region):
            raise AssertionError("a request without problems has all its parts")
        job = self._job(role, bucket, model, recipe, given, evaluator, mlflow)
        job["ModelPackageConfig"] = {
            "ModelPackageGroupArn": f"arn:{role.partition}:sagemaker:{region}:{role.account}:"
            f"model-package-group/{self._group}"
        }
        output = cannot_write(self.context, role, bucket, self._output_prefix)
        return Request(
            self._body(job, model, evaluator),
            evaluator.notes if evaluator else (),
            (*(evaluator.warnings if evaluator else ()), *filter(None, (output, untracked))),
        )

    # --- parts -----------------------------------------------------------------------------

    def _model(self) -> HubModel:
        return read_model(self.context, self.context.catalog_id(self.spec.model))

    def _recipe(self, model: HubModel | None) -> Recipe | None:
        if model is None:
            return None
        spec = self.spec
        wanted = hyperparameters.wanted_length(spec)
        recipe = choose_recipe(self.context, model, spec.trainer, spec.training_type, wanted)
        whole = hyperparameters.wanted_length(spec, recipe.specs)
        if recipe.length is not None and whole > recipe.length:
            recipe = choose_recipe(self.context, model, spec.trainer, spec.training_type, whole)
        return recipe

    def _hyperparameters(
        self, model: HubModel, recipe: Recipe, region: str | None
    ) -> dict[str, object]:
        self.problems += hyperparameters.check(self.spec, model.id, recipe.specs, recipe.length)
        given = hyperparameters.values(self.spec, recipe.specs)
        evaluator = self.spec.evaluator
        if evaluator is not None and evaluator.kind is EvaluatorKind.PROMPT and region:
            judge = self._try(lambda: judge_of(evaluator.settings, region))
            given["judge_model_id"] = f"bedrock/{judge}"
            given.pop("judge_prompt_template", None)
        return given

    def _evaluator(self, role: Role) -> FoundEvaluator | None:
        if self.spec.evaluator is not None:
            return find_evaluator(self.context, self.spec.evaluator, role)
        if self.spec.evaluator_argument is not None and self.spec.dataset is not None:
            raise MlccError(
                f"Technique {self.spec.technique!r} needs an evaluator, and none is given.",
                hint="mlcc tune --help",
            )
        return None

    def _check_eula(self, model: HubModel) -> None:
        if not model.gated or eula_accepted(self.context, self.spec.options):
            return
        self.problems.append(
            MlccError(
                f"Model {model.id!r} has a licence that has to be accepted first.",
                where="--accept-eula",
                detail=(f"The licence: {model.eula}",) if model.eula else (),
                hint="read it, then pass --accept-eula",
            )
        )

    @property
    def _output_prefix(self) -> str:
        return f"{self.spec.project}/tune/{self.spec.technique}/"

    @property
    def _group(self) -> str:
        """The model package group of the project."""
        return f"mlcc-{self.context.project}"

    # --- the whole -------------------------------------------------------------------------

    def _job(
        self,
        role: Role,
        bucket: str,
        model: HubModel,
        recipe: Recipe,
        given: Mapping[str, object],
        evaluator: FoundEvaluator | None,
        mlflow: str | None,
    ) -> dict[str, Any]:
        spec, settings = self.spec, self.context.settings
        output = {"S3OutputPath": f"s3://{bucket}/{self._output_prefix}"}
        if settings.get("TUNE_KMS_KEY_ID"):
            output["KmsKeyId"] = settings["TUNE_KMS_KEY_ID"]
        job = {
            "RoleArn": role.arn,
            "InputDataConfig": _channels(spec),
            "OutputDataConfig": output,
            "HyperParameters": hyperparameters.as_sent(given),
            "ServerlessJobConfig": self._serverless(model, recipe, evaluator),
            "Tags": self._tags(model),
        }
        if mlflow:
            job["MlflowConfig"] = {
                "MlflowResourceArn": mlflow,
                "MlflowExperimentName": spec.project,
            }
        return job

    def _serverless(
        self, model: HubModel, recipe: Recipe, evaluator: FoundEvaluator | None
    ) -> dict[str, Any]:
        config: dict[str, Any] = {
            "BaseModelArn": model.arn,
            "JobType": "FineTuning",
            "CustomizationTechnique": self.spec.trainer,
        }
        if self.spec.training_type == "lora":
            config["Peft"] = "LORA"
        if eula_accepted(self.context, self.spec.options):
            config["AcceptEula"] = True
        if evaluator is not None:
            config["EvaluatorArn"] = evaluator.arn
        elif self.spec.evaluator_argument is not None:
            config["EvaluatorArn"] = NAMED_BY_ROWS
        if recipe.send_length:
            config["SequenceLength"] = recipe.entry["SequenceLength"]
        return config

    def _tags(self, model: HubModel) -> list[dict[str, str]]:
        """The first two are those of the SageMaker SDK, by which the console knows the model."""
        tags = {
            "sagemaker-sdk:jumpstart-model-id": model.id,
            "sagemaker-sdk:jumpstart-hub-name": model.hub,
            "mlcc:project": self.spec.project,
            "mlcc:technique": self.spec.technique,
        }
        return [{"Key": key, "Value": value} for key, value in tags.items()]

    def _body(
        self, job: Mapping[str, Any], model: HubModel, evaluator: FoundEvaluator | None
    ) -> Mapping[str, object]:
        spec = self.spec
        creates: dict[str, object] = {"ModelPackageGroup": self._group}
        asked = {model.id: spec.model}
        fingerprints = {"dataset": spec.dataset.fingerprint} if spec.dataset else {}
        if evaluator is not None and spec.evaluator is not None:
            asked[evaluator.arn] = spec.evaluator.value
            if evaluator.copy:
                creates["RewardPrompt"] = dataclasses.asdict(evaluator.copy)
            if evaluator.create:
                creates["Evaluator"] = dataclasses.asdict(evaluator.create)
            if evaluator.checksum:
                fingerprints["evaluator"] = evaluator.checksum
        return {
            JOB: dict(job),
            CREATES: creates,
            ASKED: {found: typed for found, typed in asked.items() if found != typed},
            FINGERPRINTS: fingerprints,
        }

    def _try(self, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except Problems as several:
            self.problems.extend(several.problems)
        except MlccError as error:
            self.problems.append(error)
        return None


def build_request(context: Context, spec: TrainingSpec) -> Request:
    """Build the request for ``spec``: nothing is created, a few things are looked up.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
        PlatformError: AWS cannot be asked.
    """
    return RequestBuilder(context, spec).build()


def require_no_gaps(request: Request) -> None:
    """Refuse a request that still waits for something.

    Raises:
        PlatformError: it was built for a dry run.
    """
    job: Any = request.body[JOB]
    sources = (channel["DataSource"]["S3DataSource"] for channel in job["InputDataConfig"])
    waits = any(source["S3Uri"] == WAITS for source in sources)
    if waits or job["ServerlessJobConfig"].get("EvaluatorArn") == NAMED_BY_ROWS:
        raise PlatformError("The request waits for its dataset and cannot be sent.")


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
