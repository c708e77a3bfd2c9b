"""An evaluation that was measured: made, kept, told."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.evaluate.stored import write_evaluation
from mlcc_core.actions.evaluate.targets import Pair
from mlcc_core.actions.evaluate.task import Measured
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.evaluation import Evaluation
from mlcc_core.contract.money.charge import Charge


def evaluation_of(
    pair: Pair,
    label: str,
    settings: Mapping[str, object],
    measured: Measured,
    began: float,
    *,
    cost: Sequence[Charge] = (),
    spent: Sequence[Charge] = (),
) -> Evaluation:
    """Return the evaluation of two models.

    Args:
        pair: the models.
        label: of the rows, as they are shown.
        settings: everything else that decides the numbers.
        measured: the numbers.
        began: when it began, by ``time.monotonic()``.
        cost: of the jobs that measured, where there are any, as it was told before.
        spent: what they have used up, where the platform tells.
    """
    return Evaluation(
        target=pair.target.title,
        against=pair.against.title,
        job=pair.job,
        platform=pair.platform.name,
        technique=pair.technique.name if pair.technique else "",
        model=pair.target.model,
        dataset=label,
        created=round(time.time(), 3),
        settings=settings,
        metrics=measured.results,
        rows=measured.rows,
        problems=tuple(error.what for error in (*measured.errors, *measured.unmeasured)),
        seconds=round(time.monotonic() - began, 3),
        cost=tuple(cost),
        spent=tuple(spent),
    )


def keep(session: Session, pair: Pair, evaluation: Evaluation, reporter: Reporter) -> None:
    """Keep an evaluation, write its numbers into the run's card, and tell plugins of it.

    Args:
        session: the project and its plugins.
        pair: the models.
        evaluation: a new one of them.
        reporter: takes the news.
    """
    write_evaluation(session.project, evaluation)
    if evaluation.job is not None:
        write_card(session, evaluation.job)
    session.plugins.run_evaluated(evaluation, reporter.say, pair.context)
