"""The latest evaluation of a run, in short."""

from __future__ import annotations

from dataclasses import dataclass

from mlcc_core.actions.evaluate.stored import read_latest_evaluation
from mlcc_core.actions.session import Session
from mlcc_core.contract.evaluation import Evaluation, Verdict
from mlcc_core.errors import MlccError


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The result by which an evaluation is judged.

    Attributes:
        metric, title: of the metric that decides.
        mean, against, difference, low, high, verdict, rows: its result; see
            :class:`~mlcc_core.contract.evaluation.MetricResult`.
        compared_with: the model that the run was compared with, as tables name it.
        created: seconds since 1970, UTC.
    """

    metric: str
    title: str
    mean: float
    against: float
    difference: float
    low: float | None
    high: float | None
    verdict: Verdict | None
    rows: int | None
    compared_with: str
    created: float

    def in_words(self) -> str:
        """Return it on one line: ``exact match 0.12 → 0.84, better``."""
        change = f"{self.title.lower()} {self.against:.3g} → {self.mean:.3g}"
        return f"{change}, {self.verdict}" if self.verdict else change


def latest_evaluation(session: Session, job: str) -> Evaluation | None:
    """Return the latest evaluation of a run; files that cannot be read are told of."""
    try:
        return read_latest_evaluation(session.project, job)
    except MlccError as error:
        session.say(f"⚠️  {error.what}")
        return None


def in_short(evaluation: Evaluation | None) -> Evaluated | None:
    """Return the result that decides; ``None`` where there is none, as that metric failed."""
    result = evaluation.deciding if evaluation is not None else None
    if evaluation is None or result is None:
        return None
    return Evaluated(
        result.metric,
        result.title,
        result.mean,
        result.against,
        result.difference,
        result.low,
        result.high,
        result.verdict,
        result.rows,
        evaluation.against,
        evaluation.created,
    )
