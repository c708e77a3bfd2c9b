"""The runs of the project that made a model, found by the place of its weights."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from mlcc_core.actions.runs.find import read_records
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.project.project import Project
from mlcc_core.project.records import RunRecord


class Makers:
    """Finds the runs that made models.

    Args:
        project: whose runs are looked at; their records are read once, when they are needed.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, subject: Subject) -> list[RunRecord]:
        """Return the runs that made an adapter or a folder of weights, and the base below it."""
        return self._at({self._place(subject.model), self._weights(subject)})

    def of_weights(self, subject: Subject) -> RunRecord | None:
        """Return the run that left the very weights of a model; ``None`` where none is known."""
        return next(iter(self._at({self._weights(subject)})), None)

    def is_tuned(self, subject: Subject) -> bool:
        """Return whether a model was surely made by a training that a record could tell of."""
        return subject.output is not None or Path(self._place(subject.model)).is_dir()

    def _at(self, places: set[str]) -> list[RunRecord]:
        return [
            record
            for record in self._records
            if record.output is not None and self._place(record.output.path) in places
        ]

    def _weights(self, subject: Subject) -> str:
        output = subject.output.path if subject.output is not None else subject.model
        return self._place(output)

    @cached_property
    def _records(self) -> list[RunRecord]:
        # Commands that are about runs complain of a record that cannot be understood.
        return list(read_records(self._project, lambda line: None))

    def _place(self, path: str) -> str:
        """Return one spelling of a path or an address."""
        path = path.removeprefix("file://").rstrip("/")
        return path if "://" in path else str((self._project.root / path).resolve())
