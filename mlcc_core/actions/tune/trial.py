"""The evaluator, tried on a few rows before a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.first_rows import first_rows
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.platform.values import Request

TRIAL_ROWS = 3
"""Rows that the evaluator is tried on before a job."""


@dataclass(frozen=True)
class Tried:
    """The outcome of a trial in a dry run; both are empty for a job without evaluator.

    Attributes:
        lines: of a trial that took place.
        why_not: a sentence that says why none took place.
    """

    lines: tuple[str, ...] = ()
    why_not: str | None = None


@dataclass(frozen=True)
class Trial:
    """Tries the evaluator of a job.

    Attributes:
        session: project, plugins and platform.
        reporter: takes the news.
        skip: the user wants no trial.
    """

    session: Session
    reporter: Reporter
    skip: bool

    def on_staged(self, spec: TrainingSpec, request: Request) -> Sequence[str]:
        """Try it on the first rows of the dataset that the job reads.

        Returns:
            Lines for the user; none where there is nothing to try.

        Raises:
            MlccError: it raises, or breaks the reward contract.
            PlatformError: the rows cannot be read, or the evaluator not be reached.
        """
        if spec.evaluator is None or spec.dataset is None or self.skip:
            return ()
        session = self.session
        with session.platform.store.open_staged(session.context, spec.dataset.uri) as file:
            rows = first_rows(file, TRIAL_ROWS)
        return self.on(rows, spec, request)

    def on(
        self, rows: Sequence[Mapping[str, object]], spec: TrainingSpec, request: Request
    ) -> Sequence[str]:
        """Try it on these rows; see :meth:`on_staged`."""
        session = self.session
        with self.reporter.working("Trying the evaluator on a few rows"):
            runner = session.platform.runner
            return runner.try_evaluator(session.context, spec, request, rows[:TRIAL_ROWS])

    def left_out(self, spec: TrainingSpec) -> Tried | None:
        """Return why a dry run does not try the evaluator; ``None`` where it can."""
        if spec.evaluator is None:
            return Tried()
        kind = spec.evaluator.kind.value
        if self.skip:
            return Tried(why_not=f"The {kind} is not tried: --skip-reward-check.")
        why = self.session.platform.runner.why_untried(self.session.context, spec)
        if why is None:
            return None
        return Tried(why_not=f"The {kind} is not tried in a dry run: {why}.")
