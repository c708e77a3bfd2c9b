"""The request of an evaluation of one model, with proof of what was asked.

It is the ``CreateTrainingJob`` that the SageMaker SDK's pipelines send. A body has the parts of a
training job's (see ``request/request.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mlcc_core import Context, ManagedSpec, MlccError, Request, attempt, raise_all
from mlcc_sagemaker.aws.account import Role, bucket_of, region_of, role_of
from mlcc_sagemaker.aws.permissions import cannot_write
from mlcc_sagemaker.managed import hyperparameters
from mlcc_sagemaker.managed.check import BUILT_IN
from mlcc_sagemaker.managed.judges import find_judge
from mlcc_sagemaker.managed.package import group_of, package_of
from mlcc_sagemaker.request.body import (
    ASKED,
    CREATES,
    FINGERPRINTS,
    JOB,
    TRAIN,
    WAITS,
)
from mlcc_sagemaker.request.evaluators import FoundEvaluator, find_evaluator
from mlcc_sagemaker.request.hub import (
    LIST_MODELS,
    HubModel,
    read_model,
    read_specs,
    require_licence,
)
from mlcc_sagemaker.request.mlflow import find_mlflow
from mlcc_sagemaker.request.options.values import Surroundings, read_surroundings

T = TypeVar("T")

TYPE_BY_KIND = {
    "benchmark": "BenchmarkEvaluation",
    "replies": "BenchmarkEvaluation",
    "scorer": "CustomScorerEvaluation",
    "judge": "LLMAJEvaluation",
}
MOST_SECONDS = 86_400
"""A job that runs longer is stopped: the SageMaker SDK's limit for evaluations.

The ``--stop-after`` of a run is about its training, and ``evaluate`` has no flag to lift it.
"""


class EvaluationBuilder:
    """Puts the request for a spec together, and gathers everything that is wrong with it."""

    def __init__(self, context: Context, spec: ManagedSpec) -> None:
        self.context = context
        self.spec = spec
        self.problems: list[MlccError] = []
        self.warnings: list[str] = []

    def build(self) -> Request:
        """Return the request; see :func:`build_request`."""
        spec = self.spec
        role = self._try(lambda: role_of(self.context, spec.options))
        bucket = self._try(lambda: bucket_of(self.context, spec.options))
        model = self._try(lambda: read_model(self.context, self.context.catalog_id(spec.model)))
        package = self._try(self._package)
        evaluator = self._try(lambda: self._evaluator(role)) if role else None
        output = f"s3://{bucket}/{self._prefix.rstrip('/')}"
        given = self._try(lambda: self._hyperparameters(model, output, role)) if model else None
        if model and not spec.job:
            # A run's was accepted for its training.
            self._try(lambda: require_licence(self.context, model, spec.options))
        region = self._try(lambda: region_of(self.context))
        around = self._try(lambda: read_surroundings(self.context, spec.options, region))
        mlflow, untracked = self._try(lambda: find_mlflow(self.context)) or (None, None)
        raise_all(self.problems)
        if not (role and bucket and model and given and around):
            raise AssertionError("a request without problems has all its parts")
        job = self._job(role, output, model, given, evaluator, around)
        if package:
            job["ModelPackageConfig"] = {
                "ModelPackageGroupArn": group_of(package),
                "SourceModelPackageArn": package,
            }
        if mlflow:
            job["MlflowConfig"] = {
                "MlflowResourceArn": mlflow,
                "MlflowExperimentName": spec.project,
            }
        unwritable = cannot_write(self.context, role, bucket, self._prefix)
        warnings = (*self.warnings, *(evaluator.warnings if evaluator else ()))
        return Request(
            self._body(job, model, package, evaluator),
            evaluator.notes if evaluator else (),
            (*warnings, *filter(None, (unwritable, untracked))),
        )

    # --- parts -----------------------------------------------------------------------------

    @property
    def _prefix(self) -> str:
        return f"{self.spec.project}/evaluate/"

    @property
    def _built_in(self) -> str | None:
        """The service's own scorer; ``None`` for a function, and where there is no scorer."""
        value = self.spec.evaluator.value if self.spec.evaluator else ""
        return value if value in BUILT_IN else None

    def _package(self) -> str | None:
        return package_of(self.context, self.spec.job) if self.spec.job else None

    def _evaluator(self, role: Role) -> FoundEvaluator | None:
        if self.spec.evaluator is None or self._built_in:
            return None
        return find_evaluator(self.context, self.spec.evaluator, role)

    def _hyperparameters(self, model: HubModel, output: str, role: Role | None) -> dict[str, str]:
        spec = self.spec
        if spec.kind == "replies":
            return hyperparameters.of_replies(spec.job is not None)
        if spec.kind == "judge":
            self.warnings += find_judge(self.context, spec.judge, role).warnings
            return hyperparameters.of_judge(spec, output)
        recipe = self._recipe(model)
        if spec.kind == "benchmark":
            return hyperparameters.of_benchmark(spec.benchmark or "", recipe)
        return hyperparameters.of_scorer(self._built_in, recipe)

    def _recipe(self, model: HubModel) -> Mapping[str, str]:
        """Return the values of the model's evaluation recipe.

        Raises:
            MlccError: it has none.
        """
        entry = model.evaluation
        if entry is None:
            raise MlccError(
                f"SageMaker does not evaluate {model.id}: its entry in {model.hub} has no "
                "evaluation recipe.",
                where="--model",
                hint=LIST_MODELS,
            )
        return hyperparameters.from_recipe(read_specs(self.context, entry))

    # --- the whole -------------------------------------------------------------------------

    def _job(
        self,
        role: Role,
        output: str,
        model: HubModel,
        given: Mapping[str, str],
        evaluator: FoundEvaluator | None,
        around: Surroundings,
    ) -> dict[str, Any]:
        spec = self.spec
        where = {"S3OutputPath": output, "CompressionType": "NONE"}
        if around.kms_key:
            where["KmsKeyId"] = around.kms_key
        config: dict[str, Any] = {
            "BaseModelArn": model.arn,
            # Nothing is agreed to by this where no licence waits; the SDK always sends it.
            "AcceptEula": True,
            "JobType": "Evaluation",
            "EvaluationType": TYPE_BY_KIND[spec.kind],
        }
        if evaluator is not None:
            config["EvaluatorArn"] = evaluator.arn
        job = {
            "RoleArn": role.arn,
            "OutputDataConfig": where,
            "StoppingCondition": {"MaxRuntimeInSeconds": MOST_SECONDS},
            "HyperParameters": dict(given),
            "ServerlessJobConfig": config,
            "Tags": self._tags(model, around),
        }
        if spec.kind in ("scorer", "replies"):
            uri = spec.dataset.uri if spec.dataset else WAITS
            source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
            job["InputDataConfig"] = [{"ChannelName": TRAIN, "DataSource": source}]
        if around.subnets:
            job["VpcConfig"] = around.network
        return job

    def _tags(self, model: HubModel, around: Surroundings) -> list[dict[str, str]]:
        """The first two are those of the SageMaker SDK, by which the console knows the model."""
        tags = {
            "sagemaker-sdk:jumpstart-model-id": model.id,
            "sagemaker-sdk:jumpstart-hub-name": model.hub,
            "mlcc:project": self.spec.project,
            "mlcc:evaluation": self.spec.kind,
            **around.tags,
        }
        return [{"Key": key, "Value": value} for key, value in tags.items()]

    def _body(
        self,
        job: Mapping[str, Any],
        model: HubModel,
        package: str | None,
        evaluator: FoundEvaluator | None,
    ) -> Mapping[str, object]:
        spec = self.spec
        creates: dict[str, object] = {}
        asked = {model.id: spec.model}
        dataset = spec.dataset if "InputDataConfig" in job else None
        fingerprints = {"dataset": dataset.fingerprint} if dataset else {}
        if package and spec.job:
            asked[package] = spec.job
        if evaluator is not None and spec.evaluator is not None:
            asked[evaluator.arn] = spec.evaluator.value
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
        return attempt(step, self.problems)


def build_request(context: Context, spec: ManagedSpec) -> Request:
    """Build the request for ``spec``: nothing is created, a few things are looked up.

    Raises:
        MlccError, Problems: everything that is wrong with the spec.
        PlatformError: AWS cannot be asked.
    """
    return EvaluationBuilder(context, spec).build()
