"""Rows that the run was trained on: on those, every model that learned anything looks good."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.rows.trainings import TrainedPrompts
from mlcc_core.actions.evaluate.targets import Pair
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural


def refuse_trained(
    trained: TrainedPrompts, pair: Pair, request: EvaluateRequest, rows: Sequence[Row]
) -> tuple[str, ...]:
    """Compare the rows with those that the models, and runs before them, were trained on.

    Returns:
        Lines for the user: why rows could not be compared, or that they were not.

    Raises:
        MlccError: some were trained on, and that was not allowed.
    """
    if request.allow_trained_rows:
        return ("⚠️  Rows that a model was trained on are asked, too (--allow-trained-rows).",)
    records, unknown = trained.behind(pair)
    warnings = [f"{name}: no record of a run tells them." for name in unknown]
    openings: set[str] = set()
    for record in records:
        try:
            openings |= trained.of(pair, record)
        except MlccError as error:
            warnings.append(f"{record.job}: {error.what}")
    count = sum(row.opening in openings for row in rows)
    if count:
        raise MlccError(
            f"{count:,} of {plural(len(rows), 'row')} of the evaluation "
            f"{'was' if count == 1 else 'were'} trained on: a model looks better on those than it "
            "is.",
            where="--dataset" if request.dataset else None,
            hint=f"{request.command_line(allow_trained_rows=True)}   # to ask them all the same",
        )
    return tuple(f"⚠️  Trained rows cannot be told apart for {warning}" for warning in warnings)
