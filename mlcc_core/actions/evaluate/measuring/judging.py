"""Two replies compared by a judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import cast

from mlcc_core.actions.evaluate.measuring.scoring import Scores, Values, fault, finite, shown
from mlcc_core.actions.session import Session
from mlcc_core.contract.metric import Comparison, Metric, PairMetric, Sample


def judge(
    session: Session,
    metric: Metric,
    samples: Sequence[Sample],
    against: Sequence[Sample],
    ask: Callable[[Sequence[str]], Sequence[str | None]],
) -> Scores:
    """Return 1 for the model whose reply wins and 0 for the other one, row by row.

    Args:
        session: the project and its plugins.
        metric: that compares.
        samples: with the replies of the model that is measured.
        against: with those of the other one.
        ask: gives the judge's answer to each question; ``None`` to one that it refused.

    Raises:
        PluginError: the metric fails, or a comparison has a value outside 0 to 1.
        PlatformError: the judge cannot be asked.
    """
    pair = cast("PairMetric", metric)
    questions = [
        list(pair.questions(ours, theirs)) for ours, theirs in zip(samples, against, strict=True)
    ]
    said = iter(ask([question for each in questions for question in each]))
    answers = [list(islice(said, len(each))) for each in questions]
    outcomes = [_outcome(pair, each) for each in answers]
    values: Values = [
        None if outcome is None else _value(session, metric, outcome, row)
        for row, outcome in enumerate(outcomes, start=1)
    ]
    others: Values = [None if value is None else 1 - value for value in values]
    return Scores(metric, values, others, _note(outcomes), _undecided(outcomes, answers))


def _outcome(metric: PairMetric, answers: Sequence[str | None]) -> Comparison | None:
    """Return what the answers about one row say; nothing where one of them is missing."""
    given = [answer for answer in answers if answer is not None]
    return metric.compare(given) if len(given) == len(answers) else None


def _undecided(
    outcomes: Sequence[Comparison | None], answers: Sequence[Sequence[str | None]]
) -> tuple[str, ...]:
    """Return a line with the answers about the first row that was answered, and not decided."""
    for row, (outcome, each) in enumerate(zip(outcomes, answers, strict=True), start=1):
        given = [shown(answer) for answer in each if answer is not None]
        if outcome is None and given and len(given) == len(each):
            return (f"the judge's answers about row {row}: {', '.join(given)}",)
    return ()


def _value(session: Session, metric: Metric, outcome: Comparison, row: int) -> float:
    number = finite(outcome.value)
    if number is None or not 0 <= number <= 1:
        raise fault(
            session,
            metric,
            f"compare returned the value {outcome.value!r} for row {row}, expected 0 to 1",
        )
    return number


def _note(outcomes: Sequence[Comparison | None]) -> str:
    decided = [outcome for outcome in outcomes if outcome is not None]
    torn = sum(not outcome.consistent for outcome in decided)
    if not torn:
        return ""
    return f"the judge said otherwise in the other order in {torn:,} of {len(decided):,} rows"
