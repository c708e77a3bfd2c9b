"""Follow a job to its result: compare it with its request, watch it, record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.following.job import Following, goes_on_without
from mlcc_core.actions.runs.ended import free_checkpoints
from mlcc_core.actions.runs.tracking import remember_output
from mlcc_core.actions.tune.job.next_steps import next_steps
from mlcc_core.actions.tune.job.proof import changed_spec
from mlcc_core.actions.tune.job.telling import Teller
from mlcc_core.actions.tune.plan.plan import Plan
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import JobState, Output
from mlcc_core.errors import PlatformError
from mlcc_core.project.records import RunRecord


@dataclass(frozen=True)
class TuneResult:
    """The result of ``tune``.

    Attributes:
        job: the job's name.
        created: whether this call created it; otherwise it was found.
        state: as last seen.
        output: what it left behind; ``None`` while it runs.
        next_steps: the commands to go on with.
        record: the run record.
        loads: how other programs load the output, a line to paste for each program.
    """

    job: str
    created: bool
    state: JobState
    output: Output | None
    next_steps: tuple[str, ...]
    record: RunRecord | None
    loads: Mapping[str, str] = field(default_factory=dict)


def follow(
    plan: Plan, name: str, reporter: Reporter, *, created: bool, resumed: bool = False
) -> TuneResult:
    """Go with a job as far as the request wants: to its end, or, with ``--no-wait``, one look.

    Args:
        plan: the job's plan.
        name: of the job.
        reporter: takes progress and lines for people.
        created: by this call; otherwise the job was found.
        resumed: by this call, having been interrupted.

    Raises:
        JobError: it failed, was stopped, has disappeared, or is not what was sent.
        PlatformError: it cannot be asked; it goes on.
        Interrupted: Ctrl-C; it goes on.
    """
    following = FollowingTraining(plan, name, reporter, created=created, resumed=resumed)
    with goes_on_without(following):
        return following.run()


class FollowingTraining(Following):
    """A training, followed to its output."""

    def __init__(
        self, plan: Plan, name: str, reporter: Reporter, *, created: bool, resumed: bool = False
    ) -> None:
        super().__init__(
            plan.session,
            plan.request,
            name,
            reporter,
            short=plan.technique.name,
            status="./do/tune --status",
            created=created,
            resumed=resumed,
        )
        self.plan = plan
        self.teller = Teller(plan.session, plan.platform.runner, plan.job(name), reporter.say)

    def run(self) -> TuneResult:
        """See :func:`follow`."""
        state = self.to_its_end()
        output = self._output(state) if state.status == "completed" else None
        record = self.record()
        if output is None:
            look = (self.status,)
            return TuneResult(self.name, self.created, state, None, look, record)
        job = self.plan.job(self.name, state.artifacts)
        session = self.session
        way = next_steps(session.project, self.platform, session.context, job, output, record)
        return TuneResult(
            self.name, self.created, state, output, way.commands, record, loads=way.loads
        )

    def submitted(self) -> None:
        self.teller.submitted()

    def seen(self, state: JobState) -> None:
        self.teller.progress(state)

    def failed(self, state: JobState) -> None:
        self.teller.finished(state, None)

    def differences(self, state: JobState, sent: Mapping[str, JsonValue]) -> list[str] | None:
        if state.reported is None:
            return None
        return changed_spec(self.platform.runner.read_spec(sent), state.reported)

    def _output(self, state: JobState) -> Output:
        if not state.artifacts:
            raise PlatformError(
                f"The job {self.name} completed, but {self.platform.title} names no result of it.",
                hint=f"./do/logs {self.short}",
            )
        output = self.plan.technique.output(
            self.plan.job(self.name, state.artifacts, started=state.started)
        )
        remember_output(self.session.project, self.name, self.plan.technique.name, output)
        write_card(self.session, self.name)
        free_checkpoints(self.platform, self.session.context, self.name)
        self.teller.finished(state, output)
        return output
