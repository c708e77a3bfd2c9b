"""Evaluators that the rows of a dataset name: each of them must be there before a job is."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.actions.tune.plan.evaluator import evaluator_of, from_dataset
from mlcc_core.errors import MlccError, Problems, raise_all
from mlcc_core.staging.run.locate import first_place

if TYPE_CHECKING:
    from mlcc_core.actions.session import Session
    from mlcc_core.contract.job import TrainingSpec
    from mlcc_core.contract.options import Evaluator, EvaluatorArg
    from mlcc_core.contract.source import Listing
    from mlcc_core.staging import DatasetJob, EvaluatorValues


@dataclass(frozen=True)
class NamedEvaluators:
    """The evaluators of a dataset whose rows name them.

    Attributes:
        session: project and platform.
        arguments: the evaluators that the technique takes.
        job: the dataset.
        spec: of the job, without evaluator.
        command: the user's command line, for hints.
    """

    session: Session
    arguments: tuple[EvaluatorArg, ...]
    job: DatasetJob
    spec: TrainingSpec
    command: str

    def decide(self, values: EvaluatorValues, *, first: bool = False) -> Evaluator | None:
        """Return the one evaluator that all rows name; ``None`` if the technique takes none.

        Where the rows name several, each is looked for: one that is not there is told of, too.

        Args:
            values: that the rows have.
            first: these are the first rows alone.

        Raises:
            MlccError, Problems: rows name several, or only in the object form, or none does.
        """
        platform = self.session.platform
        try:
            return from_dataset(
                self.arguments,
                values,
                self.spec.options,
                platform.options,
                command=self.command,
                first=first,
                folder=folder_of(self.job.listing),
            )
        except MlccError as error:
            raise_all([*self._missing(values), error])
            raise

    def check(self, values: EvaluatorValues, *, first: bool = False) -> Evaluator | None:
        """Return the evaluator as :meth:`decide` does, once the platform has found it.

        Raises:
            MlccError, Problems: as :meth:`decide`; or it is not there.
            PlatformError: it cannot be looked at.
        """
        evaluator = self.decide(values, first=first)
        if evaluator is not None:
            self._look_for(evaluator)
        return evaluator

    def _missing(self, values: EvaluatorValues) -> Iterator[MlccError]:
        for value, _ in values.counts:
            evaluator = evaluator_of(
                self.arguments[0],
                value,
                self.spec.options,
                self.session.platform.options,
                folder_of(self.job.listing),
            )
            try:
                self._look_for(evaluator)
            except Problems as error:
                yield from error.problems
            except MlccError as error:
                yield error

    def _look_for(self, evaluator: Evaluator) -> None:
        spec = dataclasses.replace(self.spec, evaluator=evaluator)
        with naming_row(self.job, evaluator):
            self.session.platform.runner.build_request(self.session.context, spec)


@contextmanager
def naming_row(job: DatasetJob, evaluator: Evaluator | None) -> Iterator[None]:
    """Give errors of the block about an evaluator that rows name the place of the first such row.

    Raises:
        MlccError, Problems: as the block.
    """
    try:
        yield
    except MlccError as error:
        if evaluator is None or not evaluator.named_by_rows:
            raise
        for problem in error.problems if isinstance(error, Problems) else (error,):
            if problem.where == evaluator.where:
                place = first_place(job, evaluator.origin, evaluator.value)
                problem.what = f"{place}: {problem.what}" if place else problem.what
        raise


def folder_of(listing: Listing) -> Path | None:
    """Return the folder of a dataset's files; ``None`` where they are not on this machine."""
    folders = [file.path.absolute().parent for file in listing.files if file.path is not None]
    if len(folders) < len(listing.files):
        return None
    return Path(os.path.commonpath(folders))
