"""Follow a job to its result: compare it with its request, watch it, record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mlcc_core.actions.card.write import write_card
from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.runs.ended import free_checkpoints
from mlcc_core.actions.runs.tracking import remember_output
from mlcc_core.actions.tune.job.next_steps import next_steps
from mlcc_core.actions.tune.job.proof import changed_spec
from mlcc_core.actions.tune.job.resume import goes_on
from mlcc_core.actions.tune.job.telling import Teller
from mlcc_core.actions.tune.job.watch import lost, watch
from mlcc_core.actions.tune.plan.hints import whole_command
from mlcc_core.actions.tune.plan.plan import Plan
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import JobState, Output
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import Interrupted, JobError, MlccError, PlatformError, PluginError
from mlcc_core.project.records import RunRecord, read_record, write_record


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
    following = Following(plan, name, reporter, created=created, resumed=resumed)
    try:
        return following.run()
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; the job {name} goes on.",
            detail=(
                f"Watch it again: {following.again}",
                f"End it: ./do/stop {plan.spec.technique}",
            ),
            hint="./do/tune --status",
        ) from None


class Following:
    """One job, followed."""

    def __init__(
        self, plan: Plan, name: str, reporter: Reporter, *, created: bool, resumed: bool = False
    ) -> None:
        self.plan = plan
        self.name = name
        self.reporter = reporter
        self.created = created
        self.alive = created or resumed
        self.proved = False
        self.warned: set[str] = set()
        self.teller = Teller(plan.session, plan.platform.runner, plan.job(name), reporter.say)
        self.session = plan.session
        self.platform = plan.platform
        self.again = plan.request.command_line()

    def run(self) -> TuneResult:
        """See :func:`follow`."""
        if self.created:
            self.reporter.say(f"✅ Submitted {self.name} to {self.platform.title}")
            self.teller.submitted()
        self._recall()
        try:
            state = self._watch() if self.plan.request.wait else self._look()
        except JobNotFound:
            raise JobError(
                f"The job {self.name} has disappeared from {self.platform.title}.",
                hint=f"{self.again}   # creates it again",
            ) from None
        session = replace(self.session, say=self.reporter.say)
        record = record_spent(session, self.name, state)
        if state.status in ("failed", "stopped"):
            for line in saved_bill(record.spent if record else None).lines("spent: "):
                self.reporter.say(line)
            self.teller.finished(state, None)
            raise failure(state, self._again_mended(state), goes_on(state))
        output = self._output(state) if state.status == "completed" else None
        record = read_record(self.session.project, self.name)
        if output is None:
            look = ("./do/tune --status",)
            return TuneResult(self.name, self.created, state, None, look, record)
        job = self.plan.job(self.name, state.artifacts)
        way = next_steps(self.platform, self.session.context, job, output, record)
        return TuneResult(
            self.name, self.created, state, output, way.commands, record, loads=way.loads
        )

    def _again_mended(self, state: JobState) -> str:
        """The command that goes on with the job, or the one for a new job.

        The new one has the flags that the last line of the reason names.
        """
        request = self.plan.request
        *_, last = (state.reason or "").splitlines() or [""]
        anew = not state.interrupted
        return whole_command(last, request, force=True) or request.command_line(force=anew)

    def _watch(self) -> JobState:
        return watch(
            self.platform,
            self.session.context,
            self.name,
            interval=self.plan.request.poll_interval or self.platform.poll_interval,
            seen=self._seen,
            say=self.reporter.say,
            come_back=self.again,
        )

    def _look(self) -> JobState:
        try:
            state = self.platform.runner.describe(self.session.context, self.name)
        except (PlatformError, PluginError) as error:
            raise lost(self.name, error, "./do/tune --status") from error
        self._prove(state)
        self.teller.progress(state)
        return state

    def _seen(self, state: JobState) -> None:
        self._prove(state)
        self.teller.progress(state)
        if not self.alive and not state.final:
            self.alive = True
            self.reporter.say(f"ℹ️  {self.name} is already running; watching it.")
        if not self.alive:
            return
        self.reporter.job(state)
        for warning in state.warnings:
            if warning not in self.warned and not state.final:
                self.reporter.say(f"⚠️  {warning}")
            self.warned.add(warning)

    def _recall(self) -> None:
        """Give the platform the request on record, where the proof of the job is still to come."""
        record = read_record(self.session.project, self.name)
        if record is not None and record.request and record.submission != "proved":
            self.platform.runner.recall(self.name, Request(record.request))

    def _prove(self, state: JobState) -> None:
        """Compare the job as described with the request, once; stop one that differs.

        Raises:
            JobError: it is not what was sent.
        """
        if self.proved or state.reported is None:
            return
        project = self.session.project
        record = read_record(project, self.name)
        if record is None or not record.request or record.submission == "proved":
            self.proved = True
            return
        wrong = changed_spec(self.platform.runner.read_spec(record.request), state.reported)
        update = {"problem": "; ".join(wrong)} if wrong else {"submission": "proved"}
        with project.lock():
            write_record(project, record.model_copy(update=update))
        self.proved = True
        if wrong:
            done = stopped_in_words(self.platform, self.session.context, state)
            raise JobError(
                f"The job {self.name} is not what was sent, and {done}.",
                detail=wrong,
                hint=f"./do/logs {self.plan.technique.name}",
            )

    def _output(self, state: JobState) -> Output:
        if not state.artifacts:
            raise PlatformError(
                f"The job {self.name} completed, but {self.platform.title} names no result of it.",
                hint=f"./do/logs {self.plan.technique.name}",
            )
        output = self.plan.technique.output(
            self.plan.job(self.name, state.artifacts, started=state.started)
        )
        remember_output(self.session.project, self.name, self.plan.technique.name, output)
        write_card(self.session, self.name)
        free_checkpoints(self.platform, self.session.context, self.name)
        self.teller.finished(state, output)
        return output


def stopped_in_words(platform: Platform, context: Context, state: JobState) -> str:
    """Stop a job that must not go on, and say how that went: ``was stopped``.

    Args:
        platform: where it runs.
        context: the surroundings.
        state: of the job, as last seen.
    """
    if state.final:
        return f"is {state.status} already"
    try:
        platform.runner.stop(context, state.name)
    except MlccError as error:
        return f"could not be stopped: {error.what.rstrip('.')}"
    return "was stopped"


def failure(state: JobState, again: str, going_on: str) -> MlccError:
    """Return the error for a job that failed or was stopped: whose fault first, then the reason.

    Where memory, disk or machine failed it is a :class:`PlatformError`, else a :class:`JobError`.

    Args:
        state: the job's last state.
        again: the command that goes on with an interrupted job, or starts a new one.
        going_on: says from where an interrupted job goes on.
    """
    if state.status == "stopped":
        why, *more = (state.reason or "").splitlines() or [""]
        ending = f": {why}" if why else "."
        return JobError(f"The job {state.name} was stopped{ending}", detail=more, hint=again)
    blame = {
        "input": "because of its input",
        "permission": "for lack of permission",
        "quota": "because a quota is exhausted",
        "platform": "because of the platform",
    }.get(state.fault or "job", "")
    first, *rest = (state.reason or "no reason was given").splitlines() or [""]
    failed = " ".join(word for word in ("failed", blame) if word)
    if state.interrupted:
        failed = "was interrupted"
    kind = PlatformError if state.fault == "platform" else JobError
    then = going_on if state.interrupted and "--force" not in again else "once that is mended"
    return kind(f"The job {state.name} {failed}: {first}", detail=rest, hint=f"{again}   # {then}")
