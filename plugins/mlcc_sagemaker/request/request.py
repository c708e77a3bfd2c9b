"""The request of a job, and proof of what was asked: everything looked up, nothing created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from mlcc_core import (
    Context,
    EvaluatorKind,
    MlccError,
    PlatformError,
    Request,
    TrainingSpec,
    attempt,
    raise_all,
)
from mlcc_sagemaker.aws.account import Role, bucket_of, eula_accepted, region_of, role_of
from mlcc_sagemaker.aws.permissions import cannot_write
from mlcc_sagemaker.request import hyperparameters, settings
from mlcc_sagemaker.request.body import (
    JOB,
    NAMED_BY_ROWS,
    WAITS,
    Parts,
    body_of,
    output_prefix,
)
from mlcc_sagemaker.request.chain.pairs import check_pair, shape_warning
from mlcc_sagemaker.request.chain.source import Source, read_source
from mlcc_sagemaker.request.evaluators import FoundEvaluator, find_evaluator
from mlcc_sagemaker.request.hub import HubModel, Recipe, choose_recipe, read_model, require_licence
from mlcc_sagemaker.request.judges import judge_of
from mlcc_sagemaker.request.mlflow import find_mlflow
from mlcc_sagemaker.request.options.notifications import find_topic
from mlcc_sagemaker.request.options.values import read_surroundings

T = TypeVar("T")


class RequestBuilder:
    """Puts the request for a spec together, and gathers everything that is wrong with it."""

    def __init__(self, context: Context, spec: TrainingSpec) -> None:
        self.context = context
        self.spec = spec
        self.problems: list[MlccError] = []
        self.warnings: list[str] = []

    def build(self) -> Request:
        """The request; see :func:`build_request`."""
        context, spec = self.context, self.spec
        role = self._try(lambda: role_of(context, spec.options))
        bucket = self._try(lambda: bucket_of(context, spec.options))
        region = self._try(lambda: region_of(context))
        model = self._try(self._model)
        recipe = self._try(lambda: self._recipe(model)) if model else None
        given = self._hyperparameters(model, recipe, role, region) if model and recipe else {}
        evaluator = self._try(lambda: self._evaluator(role)) if role else None
        if model:
            self._try(lambda: require_licence(context, model, spec.options))
        mlflow, untracked = self._try(lambda: find_mlflow(context)) or (None, None)
        around = self._try(lambda: read_surroundings(context, spec.options, region))
        topic = around.topic if around else None
        mute = self._try(lambda: find_topic(context, topic)) if topic else None
        source = self._try(self._source)
        raise_all(self.problems)
        if not (role and bucket and model and recipe and region and around):
            raise AssertionError("a request without problems has all its parts")
        accepted = eula_accepted(context, spec.options)
        parts = Parts(
            *(role, bucket, region, model, recipe, given),
            *(accepted, evaluator, mlflow, around, source),
        )
        warnings = (
            *self.warnings,
            *(evaluator.warnings if evaluator else ()),
            mute,
            shape_warning(source.shape, given) if source else None,
            cannot_write(context, role, bucket, output_prefix(spec)),
            untracked,
        )
        return Request(
            body_of(spec, context.project, parts),
            tuple(self._notes(parts)),
            tuple(warning for warning in warnings if warning),
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
        self, model: HubModel, recipe: Recipe, role: Role | None, region: str | None
    ) -> dict[str, object]:
        self.problems += hyperparameters.check(self.spec, model.id, recipe.specs, recipe.length)
        self.problems += settings.check(self.spec, model.id, recipe.specs)
        given = hyperparameters.values(self.spec, recipe.specs)
        evaluator = self.spec.evaluator
        if evaluator is not None and evaluator.kind is EvaluatorKind.PROMPT and region:
            judge = self._try(lambda: judge_of(self.context, evaluator.settings, role))
            given["judge_model_id"] = f"bedrock/{judge.model if judge else ''}"
            self.warnings += judge.warnings if judge else ()
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

    def _source(self) -> Source | None:
        """Return the package that the job goes on from, once the techniques are seen to fit."""
        start = self.spec.start
        if start is None:
            return None
        source = read_source(self.context, start.output.path)
        check_pair(self.spec, source.technique, start)
        return source

    def _notes(self, parts: Parts) -> Iterator[str]:
        """Yield what the user should know of the request."""
        yield from parts.evaluator.notes if parts.evaluator else ()
        notification = parts.notification(self.context.project)
        if notification is not None:
            yield notification.note(self.context.project)

    def _try(self, step: Callable[[], T]) -> T | None:
        return attempt(step, self.problems)


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
    channels = job.get("InputDataConfig") or ()
    uris = [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in channels]
    waits = WAITS in (*uris, *job["HyperParameters"].values())
    if waits or job["ServerlessJobConfig"].get("EvaluatorArn") == NAMED_BY_ROWS:
        raise PlatformError("The request waits for its dataset and cannot be sent.")
