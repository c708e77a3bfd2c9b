"""A look at an evaluation before it is planned: names, region, the run's model."""

from __future__ import annotations

from dataclasses import replace

from mlcc_core import Context, EvaluatorKind, ManagedSpec, MlccError, attempt, raise_all
from mlcc_sagemaker.aws.account import REGIONS, region_of
from mlcc_sagemaker.managed.benchmarks import find_benchmark, written
from mlcc_sagemaker.managed.judges import find_judge
from mlcc_sagemaker.managed.metrics import judge_metrics
from mlcc_sagemaker.managed.package import package_of
from mlcc_sagemaker.request.evaluators import FORM_BY_KIND

BUILT_IN = ("prime_math", "prime_code")
"""Scorers that the service brings along, by the names of verl's reward functions."""

SCORER = "--metric"


def check(context: Context, spec: ManagedSpec) -> ManagedSpec:
    """Return the spec with the service's own names in it.

    Raises:
        MlccError, Problems: everything that is wrong with it.
    """
    problems: list[MlccError] = []

    attempt(lambda: _check_region(context), problems)
    found = attempt(lambda: _check_names(context, spec), problems)
    attempt(lambda: _check_run(context, spec), problems)
    raise_all(problems)
    return found or spec


def before(spec: ManagedSpec) -> ManagedSpec | None:
    """Return the job that makes the replies for a judge, which the judging job only reads."""
    if spec.kind != "judge":
        return None
    return replace(spec, kind="replies", judge=None, metrics=(), replies=None)


def _check_region(context: Context) -> None:
    region = region_of(context)
    if region not in REGIONS:
        raise MlccError(
            f"SageMaker runs no evaluations of open-weight models in {region}, expected one of "
            f"{', '.join(REGIONS)}.",
            where="AWS_REGION",
            hint=f"export AWS_REGION={REGIONS[0]}",
        )


def _check_run(context: Context, spec: ManagedSpec) -> None:
    """Check that a run left a model package; adapters and whole models are evaluated alike."""
    if spec.job is not None:
        package_of(context, spec.job)


def _check_names(context: Context, spec: ManagedSpec) -> ManagedSpec:
    match spec.kind:
        case "benchmark":
            return _benchmark(spec)
        case "scorer":
            return _scorer(spec)
        case "judge":
            return _judge(context, spec)
        case "replies":
            return spec


def _benchmark(spec: ManagedSpec) -> ManagedSpec:
    if spec.metrics:
        raise MlccError(
            f"A benchmark brings its own metric, and {', '.join(spec.metrics)} was asked for.",
            where="--metric",
            hint="leave --metric out",
        )
    name, _, parts = find_benchmark(spec.benchmark or "")
    return replace(spec, benchmark=written(name, parts), evaluator=None, judge=None)


def _scorer(spec: ManagedSpec) -> ManagedSpec:
    expected = f"expected one of {', '.join(BUILT_IN)}, or {FORM_BY_KIND[EvaluatorKind.FUNCTION]}"
    evaluator = spec.evaluator
    if evaluator is None:
        raise MlccError(
            f"No scorer is named, {expected}.", where=SCORER, hint=f"pass {SCORER} {BUILT_IN[0]}"
        )
    if evaluator.kind is not EvaluatorKind.FUNCTION:
        what = f"The {evaluator.kind.value} {evaluator.value} does not score replies here"
        raise evaluator.error(f"{what}, {expected}.", BUILT_IN[0])
    if not evaluator.value.startswith("arn:") and evaluator.value not in BUILT_IN:
        raise evaluator.error(f"Unknown scorer {evaluator.value!r}, {expected}.", BUILT_IN[0])
    return replace(spec, benchmark=None, judge=None)


def _judge(context: Context, spec: ManagedSpec) -> ManagedSpec:
    metrics = judge_metrics(spec.metrics)
    judge = find_judge(context, spec.judge).id
    return replace(spec, judge=judge, metrics=metrics, benchmark=None, evaluator=None)
