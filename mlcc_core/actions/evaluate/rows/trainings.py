"""Trainings behind a model: the records of its runs, and the prompts of the rows that they saw."""

from __future__ import annotations

from collections.abc import Iterable

from mlcc_core.actions.evaluate.makers import Makers
from mlcc_core.actions.evaluate.rows.read import rows_in, schema_of
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Pair
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.errors import MlccError
from mlcc_core.project.records import RunRecord, read_record


class TrainedPrompts:
    """Finds the prompts of an evaluation among those of trainings, each of which is read once.

    Args:
        session: the project and its plugins.
        rows: of the evaluation.
        reporter: takes the progress.
    """

    def __init__(self, session: Session, rows: Iterable[Row], reporter: Reporter) -> None:
        self._session = session
        self._makers = Makers(session.project)
        self._wanted = {row.opening for row in rows}
        self._reporter = reporter
        self._found: dict[tuple[str, str, str | None], set[str]] = {}

    def of(self, pair: Pair, record: RunRecord) -> set[str]:
        """Return the openings of the evaluation's rows that a run was trained on.

        Raises:
            MlccError: the rows that it was trained on cannot be read.
        """
        uri = record.dataset_uri
        if uri is None:
            raise MlccError("its record does not tell where they are.")
        key = (uri, record.technique, record.form)
        if key not in self._found:
            platform = self._session.plugins.platform(record.platform)
            context = context_of(self._session.context, record)
            schema = schema_of(self._session, pair.target.model, record)
            with (
                self._reporter.working(f"Reading the rows that {record.job} was trained on"),
                platform.store.open_staged(context, uri) as file,
            ):
                openings = (row.opening for row in rows_in(file, schema))
                self._found[key] = self._wanted.intersection(openings)
        return self._found[key]

    def behind(self, pair: Pair) -> tuple[list[RunRecord], list[str]]:
        """Return the records of the runs behind both models, and models whose rows are unknown."""
        records = {record.job: record for record in pair.runs}
        unknown: list[str] = []
        for subject in pair.subjects:
            if subject.title in records:
                continue
            found = self._makers.of(subject)
            records |= {record.job: record for record in found}
            if not found and subject.title != BASE and self._makers.is_tuned(subject):
                unknown.append(subject.title)
        for record in [*records.values()]:
            for ancestor in record.lineage:
                before = read_record(self._session.project, ancestor.job) if ancestor.job else None
                if before is not None:
                    records[before.job] = before
                else:
                    unknown.append(ancestor.job or ancestor.path)
        return list(records.values()), list(dict.fromkeys(unknown))
