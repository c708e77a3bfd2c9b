"""The metrics of an evaluation, and the one that decides it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mlcc_core.actions.evaluate.measuring.columns import (
    columns_fault,
    has_columns,
    require_columns,
)
from mlcc_core.actions.evaluate.measuring.scoring import reads
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import Rows
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.session import Session
from mlcc_core.contract.metric import Metric, Need, RowPart
from mlcc_core.errors import MlccError

LACKING = {
    "expected": "no row has a reply to compare with",
    "rejected": "no row has a reply that was rejected",
    "evaluator": "no evaluator is known: the run was trained without one",
}
"""The reason for which a metric does not suit rows, by the part that they lack."""


SUITING: dict[RowPart, str] = {
    "rejected": "the rows hold rejected replies",
    "evaluator": "the run was trained by rewards",
    "expected": "the rows hold expected replies",
}
"""The reason for which a metric decides by default, by the parts that it takes, rarest first."""


@dataclass(frozen=True)
class Chosen:
    """The metrics of an evaluation.

    Attributes:
        metrics: those that are measured, the one that decides first.
        decides: the name of that one; ``None`` where none has a direction.
        notes: lines about metrics that are left out.
        why: it decides, where the user did not name it; empty else.
    """

    metrics: tuple[Metric, ...]
    decides: str | None
    notes: tuple[str, ...] = ()
    why: str = ""

    def need(self, need: Need) -> bool:
        """Return whether a metric needs this input."""
        return any(need in metric.needs for metric in self.metrics)

    def reads(self, part: RowPart) -> bool:
        """Return whether the log-probabilities of this part of a row are needed."""
        return any(reads(metric, part) for metric in self.metrics)


def candidates(session: Session, request: EvaluateRequest) -> list[Metric]:
    """Return the metrics that are named, else those that are measured where they suit the rows.

    Raises:
        MlccError: there is no such metric.
    """
    if request.metrics:
        return [session.plugins.metric(name) for name in dict.fromkeys(request.metrics)]
    found = sorted(session.plugins.metrics.values(), key=lambda metric: (-metric.rank, metric.name))
    judged = request.judge is not None
    return [m for m in found if m.rank > 0 and (judged or "judge" not in m.needs)]


def choose_metrics(session: Session, match: Match, request: EvaluateRequest, rows: Rows) -> Chosen:
    """Return the metrics that are asked for, else those that suit the rows.

    Raises:
        MlccError: there is no such metric, its input cannot be had here, or no row has it.
    """
    parts = _parts(match, rows.rows)
    metrics = candidates(session, request)
    if request.metrics:
        for metric in metrics:
            _require(match, request, metric, parts)
            require_columns(match, request, metric, rows)
        _check_judge(session, request, metrics, ())
        if request.require and all(metric.higher_is_better is None for metric in metrics):
            raise MlccError(
                f"--require is {request.require!r}, and no metric that is asked for has a "
                "direction.",
                where="--require",
                hint=request.command_line(metrics=()),
            )
        return _chosen(metrics)
    suited = [m for m in metrics if not _unsuited(m, parts) and has_columns(m, rows.rows)]
    lacking = {m.name: _lack(match, m) or columns_fault(m, rows) for m in suited}
    metrics = [metric for metric in suited if lacking[metric.name] is None]
    if not metrics:
        raise MlccError(
            "No metric that is installed suits these rows.",
            hint="mlcc plugins   # lists the metrics that are installed",
            detail=[f"{name}: {why}" for name, why in lacking.items()],
        )
    judges = [m.name for m in suited if "judge" in m.needs]
    _check_judge(session, request, metrics, [str(lacking[name]) for name in judges][:1])
    notes = tuple(f"{name} is left out: {why}" for name, why in lacking.items() if why)
    chosen = _chosen(metrics)
    decides = next((m for m in chosen.metrics if m.name == chosen.decides), None)
    return replace(chosen, notes=notes, why="" if decides is None else _why(decides))


def _check_judge(
    session: Session, request: EvaluateRequest, metrics: Sequence[Metric], lacking: Iterable[str]
) -> None:
    """Refuse a judge that no metric would ask.

    Args:
        session: the plugins.
        request: as it was asked.
        metrics: that are measured.
        lacking: why metrics that ask a judge are not among them.

    Raises:
        MlccError: there is one; it says which metrics ask a judge, or why none can.
    """
    if request.judge is None or any("judge" in metric.needs for metric in metrics):
        return
    known = session.plugins.metrics.values()
    asking = sorted(f"--metric {metric.name}" for metric in known if "judge" in metric.needs)
    why = "".join(f": {each}" for each in lacking)
    if request.metrics and asking:
        why = f": {' or '.join(asking)} would"
    request.refuse_given(
        {"judge": f", and no metric that is measured asks a judge{why.rstrip('.')}"}
    )


def _why(metric: Metric) -> str:
    """Return why this one of all that suit the rows decides."""
    found = next((why for part, why in SUITING.items() if part in metric.suits), None)
    return found or "it has the highest rank of those that suit the rows"


def _chosen(metrics: Sequence[Metric]) -> Chosen:
    first = next((metric for metric in metrics if metric.higher_is_better is not None), None)
    others = [metric for metric in metrics if metric is not first]
    ordered = others if first is None else [first, *others]
    return Chosen(tuple(ordered), first.name if first else None)


def _parts(match: Match, rows: Sequence[Row]) -> list[set[RowPart]]:
    """Return the parts that each row has."""
    evaluator: set[RowPart] = {"evaluator"} if match.has_evaluator else set()
    found = []
    for row in rows:
        parts = set(evaluator)
        if row.expected is not None:
            parts.add("expected")
        if row.rejected is not None:
            parts.add("rejected")
        found.append(parts)
    return found


def _unsuited(metric: Metric, parts: Sequence[set[RowPart]]) -> RowPart | None:
    """Return the part that rows lack for a metric; ``None`` where a row has all."""
    wanted = set(metric.suits)
    if any(wanted <= each for each in parts):
        return None
    least = min((wanted - each for each in parts), key=len)
    return sorted(least)[0]


def _lack(match: Match, metric: Metric) -> str | None:
    request = match.run.request if match.run else None
    whys = (match.answering.lacks(match.context, need, request) for need in metric.needs)
    return next((why for why in whys if why is not None), None)


def _require(
    match: Match, request: EvaluateRequest, metric: Metric, parts: Sequence[set[RowPart]]
) -> None:
    where = f"--metric {metric.name}"
    others = tuple(name for name in request.metrics if name != metric.name)
    without = f"{request.command_line(metrics=others)}   # without it"
    if "judge" in metric.needs and request.judge is None:
        raise MlccError(
            "--judge is missing, which names the model that compares replies.",
            where=where,
            hint=request.command_line(judge="MODEL"),
        )
    if part := _unsuited(metric, parts):
        raise MlccError(f"{metric.title} needs more: {LACKING[part]}.", where=where, hint=without)
    if why := _lack(match, metric):
        raise MlccError(f"{metric.title} cannot be had here: {why}", where=where, hint=without)
