"""Follow the job of a script run to its end: prove it, watch it, record it."""

from __future__ import annotations

from dataclasses import replace

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.train.left import remember_files
from mlcc_core.actions.train.plan import ScriptPlan
from mlcc_core.actions.tune.job.follow import TuneResult, failure, stopped_in_words
from mlcc_core.actions.tune.job.proof import changed_spec
from mlcc_core.actions.tune.job.resume import goes_on
from mlcc_core.actions.tune.job.watch import lost, watch
from mlcc_core.actions.tune.plan.hints import whole_command
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.contract.platform.values import Request
from mlcc_core.errors import Interrupted, JobError, PlatformError, PluginError
from mlcc_core.project.records import read_record, write_record


def follow_script(
    plan: ScriptPlan, name: str, reporter: Reporter, *, created: bool, resumed: bool = False
) -> TuneResult:
    """Go with a job as far as the request wants: to its end, or, with ``--no-wait``, one look.

    Args:
        plan: of the run.
        name: of its job.
        reporter: takes progress and lines for people.
        created: by this call; otherwise the job was found.
        resumed: by this call, having been interrupted.

    Raises:
        JobError: it failed, was stopped, has disappeared, or is not what was sent.
        PlatformError: it cannot be asked; it goes on.
        Interrupted: Ctrl-C; it goes on.
    """
    following = FollowingScript(plan, name, reporter, created=created, resumed=resumed)
    try:
        return following.run()
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; the job {name} goes on.",
            detail=(f"Watch it again: {following.again}", f"End it: ./do/stop {name}"),
            hint="./do/train --status",
        ) from None


class FollowingScript:
    """One job, followed."""

    def __init__(
        self,
        plan: ScriptPlan,
        name: str,
        reporter: Reporter,
        *,
        created: bool,
        resumed: bool = False,
    ) -> None:
        self.plan = plan
        self.name = name
        self.reporter = reporter
        self.created = created
        self.alive = created or resumed
        self.proved = False
        self.warned: set[str] = set()
        self.session = plan.session
        self.platform = plan.platform
        self.again = plan.request.command_line()

    def run(self) -> TuneResult:
        """See :func:`follow_script`."""
        if self.created:
            self.reporter.say(f"✅ Submitted {self.name} to {self.platform.title}")
        self._recall()
        try:
            state = self._watch() if self.plan.request.wait else self._look()
        except JobNotFound:
            raise JobError(
                f"The job {self.name} has disappeared from {self.platform.title}.",
                hint=f"{self.again}   # creates it again",
            ) from None
        record = record_spent(replace(self.session, say=self.reporter.say), self.name, state)
        if state.status in ("failed", "stopped"):
            for line in saved_bill(record.spent if record else None).lines("spent: "):
                self.reporter.say(line)
            raise failure(state, self._again_mended(state), goes_on(state))
        look: tuple[str, ...] = ()
        if state.status == "completed":
            record = remember_files(self.session.project, self.name, state)
        else:
            look = ("./do/train --status",)
        return TuneResult(self.name, self.created, state, None, look, record)

    def _again_mended(self, state: JobState) -> str:
        """Return the command that goes on with the job, or the one for a new job."""
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
            raise lost(self.name, error, "./do/train --status") from error
        self._prove(state)
        return state

    def _seen(self, state: JobState) -> None:
        self._prove(state)
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
            PlatformError: it is over, and cannot be asked what it was.
        """
        if self.proved:
            return
        project = self.session.project
        record = read_record(project, self.name)
        if record is None or not record.request or record.submission == "proved":
            self.proved = True
            return
        scripts, runner = self.plan.scripts, self.platform.runner
        try:
            described = scripts.reported(self.session.context, self.name, runner)
        except PlatformError as error:
            if state.final or not error.transient:
                raise
            return
        if described is None:
            return
        wrong = changed_spec(scripts.read_spec(record.request), described)
        update = {"problem": "; ".join(wrong)} if wrong else {"submission": "proved"}
        with project.lock():
            write_record(project, record.model_copy(update=update))
        self.proved = True
        if wrong:
            done = stopped_in_words(self.platform, self.session.context, state)
            raise JobError(
                f"The job {self.name} is not what was sent, and {done}.",
                detail=wrong,
                hint=f"./do/logs {self.name}",
            )
