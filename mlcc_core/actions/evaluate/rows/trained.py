"""Rows that the run was trained on: on those, every model that learned anything looks good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import rows_in, schema_of
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural
from mlcc_core.project.records import RunRecord, read_record


def refuse_trained(
    session: Session, match: Match, request: EvaluateRequest, rows: Sequence[Row]
) -> str | None:
    """Compare the rows with those that the run, and runs before it, were trained on.

    Returns:
        A line for the user: trained rows that were allowed, or why rows could not be compared.

    Raises:
        MlccError: some were trained on, and that was not allowed.
    """
    contents = {row.content for row in rows}
    trained: set[str] = set()
    for record in _trainings(session, match):
        if record.dataset_uri is None:
            continue
        platform = session.plugins.platform(record.platform)
        try:
            with platform.store.open_staged(match.context, record.dataset_uri) as file:
                found = rows_in(file, schema_of(session, match, record))
                trained |= {row.content for row in found if row.content in contents}
        except MlccError as error:
            return (
                f"⚠️  The rows that {record.job} was trained on cannot be read, so they are not "
                f"told apart: {error.what}"
            )
    count = sum(row.content in trained for row in rows)
    if not count:
        return None
    what = f"{count:,} of {plural(len(rows), 'row')} of the evaluation were trained on"
    if not request.allow_trained_rows:
        raise MlccError(
            f"{what}: a model looks better on those than it is.",
            where="--dataset" if request.dataset else None,
            hint=f"{request.command_line(allow_trained_rows=True)}   # to ask them all the same",
        )
    return f"⚠️  {what}."


def _trainings(session: Session, match: Match) -> Iterator[RunRecord]:
    """Yield the records of the runs that are compared, and of those that they went on from."""
    for record in match.runs:
        yield record
        for ancestor in record.lineage:
            before = read_record(session.project, ancestor.job) if ancestor.job else None
            if before is not None:
                yield before
