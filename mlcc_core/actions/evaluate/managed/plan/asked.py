"""The evaluations that a request asks of a platform: benchmarks, scorers, a judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.targets import Pair
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.plan.evaluator import settings_for
from mlcc_core.contract.managed.spec import ManagedKind
from mlcc_core.contract.options import Evaluator, EvaluatorKind
from mlcc_core.errors import MlccError

METRIC = "--metric"

OF_ASKING = ("max_new_tokens", "system")
"""Keys of flags that only models obey which are asked from here."""


@dataclass(frozen=True)
class Asked:
    """One evaluation, for whichever model.

    Attributes:
        kind: of it.
        benchmark, evaluator, judge, metrics: as :class:`~mlcc_core.ManagedSpec` has them.
    """

    kind: ManagedKind
    benchmark: str | None = None
    evaluator: Evaluator | None = None
    judge: str | None = None
    metrics: tuple[str, ...] = ()


def check_flags(request: EvaluateRequest) -> None:
    """Refuse a request that names nothing to measure by, or flags that the jobs do not obey.

    Raises:
        MlccError: it is wrong.
    """
    if not (request.benchmarks or request.metrics or request.judge):
        raise MlccError(
            "--managed takes what to measure by: --benchmark NAME, --metric NAME for the reward "
            "function of the run, or --judge MODEL.",
            where="--managed",
            hint=request.command_line(benchmarks=("NAME",)),
        )
    refused = dict.fromkeys(OF_ASKING, " with --managed, and the jobs take their own")
    if request.benchmarks:
        brought = " with --managed, and a benchmark brings its own rows and metric"
        names = ("dataset", "metrics", "judge", "samples", "allow_trained_rows")
        refused |= dict.fromkeys(names, brought)
    request.refuse_given(refused)


def asked_evaluations(session: Session, pair: Pair, request: EvaluateRequest) -> Iterator[Asked]:
    """Yield what is asked for two models.

    Raises:
        MlccError: a metric is not one that jobs measure, or the run has no reward function.
    """
    if request.benchmarks:
        for name in dict.fromkeys(request.benchmarks):
            yield Asked("benchmark", benchmark=name)
    elif request.judge is not None:
        yield Asked("judge", judge=request.judge, metrics=tuple(dict.fromkeys(request.metrics)))
    else:
        for name in dict.fromkeys(request.metrics):
            yield Asked("scorer", evaluator=_scorer(session, pair, request, name))


def _scorer(session: Session, pair: Pair, request: EvaluateRequest, name: str) -> Evaluator:
    """Return the run's evaluator for a metric made of rewards, else the platform's of that name."""
    metric = session.plugins.metrics.get(name)
    if metric is None:
        return Evaluator(EvaluatorKind.FUNCTION, name, METRIC, {}, METRIC)
    if "reward" not in metric.needs:
        made = ", ".join(m.name for m in session.plugins.metrics.values() if "reward" in m.needs)
        raise MlccError(
            f"{name} is measured from here, not by a job of the platform; with --managed there is "
            f"{made or 'none'}, and what the platform itself has.",
            where=f"{METRIC} {name}",
            hint=request.command_line(managed=False, dry_run=False, wait=True),
        )
    found = run_evaluator(pair)
    if found is None:
        run = pair.run.job if pair.run is not None else pair.target.title
        raise MlccError(
            f"The run {run} was trained without a reward function, so that nothing scores.",
            where=f"{METRIC} {name}",
            hint=request.command_line(metrics=(), benchmarks=("NAME",), dataset=None),
        )
    return found


def run_evaluator(pair: Pair) -> Evaluator | None:
    """Return the evaluator that a run was trained with, as its record has it."""
    run, technique = pair.run, pair.technique
    if run is None or technique is None:
        return None
    for argument in technique.evaluator_args():
        flag = argument.option.flag
        for origin in (flag, argument.column):
            value = run.asked.get(origin)
            if isinstance(value, str):
                settings = settings_for(argument, run.options, pair.platform.options)
                return Evaluator(argument.kind, value, origin, settings, flag)
    return None
