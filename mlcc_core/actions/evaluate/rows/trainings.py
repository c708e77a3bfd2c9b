"""Trainings behind a model: the records of its runs, and the prompts of the rows that they saw."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from mlcc_core.actions.evaluate.request import BASE
from mlcc_core.actions.evaluate.rows.read import rows_in, schema_of
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.runs.find import run_names
from mlcc_core.actions.runs.tracking import context_of
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.answering import Subject
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
        self._wanted = {row.opening for row in rows}
        self._reporter = reporter
        self._found: dict[tuple[str, str, str | None], set[str]] = {}

    def of(self, match: Match, record: RunRecord) -> set[str]:
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
            schema = schema_of(self._session, match, record)
            with (
                self._reporter.working(f"Reading the rows that {record.job} was trained on"),
                platform.store.open_staged(context, uri) as file,
            ):
                openings = (row.opening for row in rows_in(file, schema))
                self._found[key] = self._wanted.intersection(openings)
        return self._found[key]

    def behind(self, match: Match) -> tuple[list[RunRecord], list[str]]:
        """Return the records of the runs behind both models, and models whose rows are unknown."""
        records = {record.job: record for record in match.runs}
        unknown: list[str] = []
        for subject in match.subjects:
            if subject.title in records:
                continue
            found = self._made(subject)
            records |= {record.job: record for record in found}
            if not found and subject.title != BASE and self._is_tuned(subject):
                unknown.append(subject.title)
        for record in [*records.values()]:
            for ancestor in record.lineage:
                before = read_record(self._session.project, ancestor.job) if ancestor.job else None
                if before is not None:
                    records[before.job] = before
                else:
                    unknown.append(ancestor.job or ancestor.path)
        return list(records.values()), list(dict.fromkeys(unknown))

    def _made(self, subject: Subject) -> list[RunRecord]:
        """Return the runs that made an adapter or a folder of weights, and the base below it."""
        output = subject.output.path if subject.output is not None else subject.model
        places = {self._place(subject.model), self._place(output)}
        return [
            record
            for record in self._records
            if record.output is not None and self._place(record.output.path) in places
        ]

    @cached_property
    def _records(self) -> list[RunRecord]:
        found = []
        for name in run_names(self._session.project):
            try:
                found.append(read_record(self._session.project, name))
            except MlccError:
                continue  # commands that are about runs complain of it
        return [record for record in found if record is not None]

    def _is_tuned(self, subject: Subject) -> bool:
        """Return whether a model was surely made by a training that a record could tell of."""
        return subject.output is not None or Path(self._place(subject.model)).is_dir()

    def _place(self, path: str) -> str:
        """Return one spelling of a path or an address."""
        path = path.removeprefix("file://").rstrip("/")
        return path if "://" in path else str((self._session.project.root / path).resolve())
