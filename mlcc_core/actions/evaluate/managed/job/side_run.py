"""The jobs of one model, brought to their end: found, or created one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from mlcc_core.actions.evaluate.managed.job.jobs import Jobs
from mlcc_core.actions.evaluate.managed.plan.steps import Side, Step
from mlcc_core.actions.following.ends import failure
from mlcc_core.actions.money.bill import Bill
from mlcc_core.actions.tune.job.watch import Looks
from mlcc_core.actions.tune.plan.identity import latest_attempt
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import DatasetRef, JobState
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.errors import JobError, MlccError

FAILED = ("failed", "stopped")


@dataclass
class Attempt:
    """One job of a model, as far as it has come.

    Attributes:
        step: the job.
        name: of its latest attempt, or of the one that is to be created.
        state: as last seen; ``None`` where it has to be created.
        created: by this call.
    """

    step: Step
    name: str
    state: JobState | None = None
    created: bool = False


class SideRun:
    """One model: its jobs are found, or created once each, and looked at.

    Args:
        jobs: on the platform.
        side: the model.
        rows: stages the rows and returns them; only called before a job is created.
        staged: returns the rows where they are staged; nothing is written.
        price: returns what a job costs that has yet to be created.
        reporter: takes the news.
        tell: takes notes of requests; most are the same for several models.
    """

    def __init__(
        self,
        jobs: Jobs,
        side: Side,
        rows: Callable[[], DatasetRef | None],
        staged: Callable[[], DatasetRef | None],
        price: Callable[[Step], Bill],
        reporter: Reporter,
        tell: Callable[[str], None],
    ) -> None:
        self.side = side
        self._jobs = jobs
        self._rows = rows
        self._staged = staged
        self._price = price
        self._reporter = reporter
        self._tell = tell
        self._looks: Looks | None = None
        self._proved = False
        self.attempts: list[Attempt] = []
        self._at = 0

    @property
    def attempt(self) -> Attempt:
        """Return the job that is on."""
        return self.attempts[self._at]

    @property
    def over(self) -> bool:
        """Return whether the job that measures has completed."""
        state = self.attempts[-1].state
        return state is not None and state.status == "completed"

    @property
    def missing(self) -> list[Step]:
        """Return the jobs that have yet to be created."""
        begin = self._at if self.attempt.state is None else self._at + 1
        return [attempt.step for attempt in self.attempts[begin:]]

    def running(self) -> str | None:
        """Return the name of the job that goes on by itself; ``None`` where none does.

        One that ended since it was looked at does not go on; one that cannot be asked may.
        """
        if not self.attempts or (self.attempt.state is None and not self.attempt.created):
            return None
        state = self.attempt.state
        with suppress(MlccError):
            if state is None or not state.final:
                state = self._jobs.describe(self.attempt.name) or state
        return None if state is not None and state.final else self.attempt.name

    def find(self) -> None:
        """Find how far the jobs have come, wherever they were begun; nothing is created.

        Raises:
            PlatformError: the platform cannot be asked.
        """
        self.attempts = [self._latest(step) for step in self.side.steps]
        known = [at for at, attempt in enumerate(self.attempts) if attempt.state is not None]
        self._at = known[-1] if known else 0

    def begin(self) -> None:
        """Create the job that is on, where there is none; go on with one that was found.

        Raises:
            JobError: the job that was found failed, was stopped, or is not what was sent.
            MlccError, Problems: its request cannot be made, or does not say what was planned.
            PlatformError: it was not created, or that is not known.
            Interrupted: Ctrl-C; the message says whether it exists.
        """
        attempt = self.attempt
        if attempt.state is None:
            spec = self._complete(self._rows())
            request = self._jobs.build(spec)
            for note in (*request.notes, *(f"⚠️  {warning}" for warning in request.warnings)):
                self._tell(f"   {note}")
            price = self._price(attempt.step)
            attempt.created = self._jobs.create(attempt.name, spec, request, price)
        title = self._jobs.platform.title
        if attempt.created:
            self._reporter.say(f"✅ Submitted {attempt.name} to {title}: {self._what(attempt)}")
        elif attempt.state is not None and attempt.state.status == "completed":
            self._reporter.say(f"ℹ️  {attempt.name} was done before: {self._what(attempt)}")
        else:
            self._reporter.say(f"ℹ️  {attempt.name} is there already: {self._what(attempt)}")
        self._looks = Looks(
            self._jobs.platform,
            self._jobs.context,
            attempt.name,
            say=self._reporter.say,
            come_back=self._jobs.again,
        )
        self._proved = False
        if attempt.state is not None:
            self._take(attempt.state)

    def look(self) -> None:
        """Look at the job that is on; once it has completed, begin the one that waits for it.

        Raises:
            JobError: it failed, was stopped, has disappeared, or is not what was sent.
            PlatformError: it cannot be asked; it goes on.
        """
        attempt = self.attempt
        try:
            state = None if self._looks is None else self._looks.now()
        except JobNotFound:
            attempt.state, attempt.created = None, False
            raise JobError(
                f"The job {attempt.name} has disappeared from {self._jobs.platform.title}.",
                hint=f"{self._jobs.again}   # creates it again",
            ) from None
        if state is not None:
            self._take(state)

    def _take(self, state: JobState) -> None:
        """Take the state of the job that is on: proof, failure, the next job."""
        attempt = self.attempt
        attempt.state = state
        self._jobs.remember(state, attempt.step.spec)
        self._proved = self._proved or self._jobs.prove(state)
        if state.status in FAILED:
            again = self._jobs.request.command_line(dry_run=False, force=True)
            raise failure(state, again, "")
        if state.status == "completed" and self._at + 1 < len(self.attempts):
            self._at += 1
            self.begin()

    def collected(self) -> None:
        """Write down that the result was kept."""
        for attempt in self.attempts:
            self._jobs.collected(attempt.name)

    def measured(self) -> tuple[str, ManagedSpec]:
        """Return the name of the job that measured, and the spec that it was created for."""
        return self.attempts[-1].name, self._complete(self._staged())

    def _complete(self, rows: DatasetRef | None) -> ManagedSpec:
        before = self.attempts[self._at - 1] if self._at else None
        return replace(
            self.attempt.step.spec,
            dataset=rows,
            replies=before.name if before is not None else None,
        )

    def _what(self, attempt: Attempt) -> str:
        only = "replies of " if attempt.step.spec.kind == "replies" else ""
        return f"{only}{self.side.title}"

    def _latest(self, step: Step) -> Attempt:
        state = self._jobs.find(step)
        if state is None:
            return Attempt(step, f"{step.prefix}1")
        if state.status in FAILED and self._jobs.request.force:
            number = latest_attempt([state.name], step.prefix)
            return Attempt(step, f"{step.prefix}{number + 1}")
        return Attempt(step, state.name, state)
