"""``tune``: plan → stage → prove → submit → watch → output. Run again, it goes on where it was."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mlcc_core.errors import Interrupted, JobError, MlccError
from mlcc_core.job import Job, JobState, Order, Output
from mlcc_core.platform import Request
from mlcc_core.records import RunRecord, as_json, read_record, write_record
from mlcc_core.session import Session
from mlcc_core.tune.dataset import Prepared, prepare
from mlcc_core.tune.evaluator import from_dataset
from mlcc_core.tune.first_rows import first_rows
from mlcc_core.tune.plan import Plan, build_plan
from mlcc_core.tune.proof import changed_claims, prove
from mlcc_core.tune.reporter import Reporter
from mlcc_core.tune.request import TuneRequest
from mlcc_core.tune.submit import Tracker
from mlcc_core.tune.tracking import next_steps, remember_output, remember_state
from mlcc_core.tune.watch import watch

TRIAL_ROWS = 3
"""Rows that the evaluator is tried on before a job."""


@dataclass(frozen=True)
class TuneResult:
    """What ``tune`` came to.

    Attributes:
        job: the job's name.
        created: whether this call created it; otherwise it was found.
        state: as last seen.
        output: what it left behind; ``None`` while it runs.
        next_steps: the commands to go on with.
        record: the run record.
    """

    job: str
    created: bool
    state: JobState
    output: Output | None
    next_steps: tuple[str, ...]
    record: RunRecord | None


class Tuning:
    """One call of ``tune``, step by step."""

    def __init__(self, session: Session, request: TuneRequest, reporter: Reporter) -> None:
        self.session = session
        self.request = request
        self.reporter = reporter
        self.platform = session.platform
        self.context = session.context
        self.seconds: dict[str, float] = {}

    def run(self) -> TuneResult:
        """Do it; see :func:`tune`."""
        started = time.monotonic()
        try:
            plan = build_plan(self.session, self.request)
            self._clock("plan", started)
            tracker = self._tracker(plan)
            found = self._find(tracker)
            if found is None:
                name, created = self._submit(plan, tracker)
            else:
                name, created = found.name, False
        except KeyboardInterrupt:
            raise Interrupted("Interrupted; nothing was submitted.") from None
        return self._follow(plan, name, created)

    # --- finding and creating --------------------------------------------------------------

    def _tracker(self, plan: Plan) -> Tracker:
        return Tracker(
            project=self.session.project,
            platform=self.platform,
            context=self.context,
            technique=plan.technique.name,
            asked=plan.asked,
            digest=plan.digest,
            command=self.request.command,
        )

    def _find(self, tracker: Tracker) -> JobState | None:
        if not self.request.force:
            return tracker.find()
        name = tracker.unfinished_submission()
        return self._describe(name) if name is not None else None

    def _describe(self, name: str) -> JobState | None:
        from mlcc_core.platform import JobNotFound

        try:
            return self.platform.describe(self.context, name)
        except JobNotFound:
            return None

    def _submit(self, plan: Plan, tracker: Tracker) -> tuple[str, bool]:
        prepared = self._prepare(plan)
        order = self._order(plan, prepared)
        request = self.platform.build_request(self.context, order)
        prove(order, self.platform.read_claims(request.body))
        for line in self.platform.forecast(self.context, order):
            self.reporter.say(line)
        self._try_evaluator(plan, order)

        def record(name: str) -> RunRecord:
            return self._record(plan, prepared, name)

        name, created = tracker.create(request, record)
        job = self._job(plan, name)
        if created:
            self.reporter.say(f"✅ Submitted {name} to {self.platform.title}")
            self.session.plugins.job_submitted(job, self.reporter.say)
            self._compare(request, name)
        return name, created

    def _prepare(self, plan: Plan) -> Prepared:
        started = time.monotonic()
        full = self.request.validate == "full" or (
            bool(plan.evaluator_args) and plan.order.evaluator is None
        )
        try:
            prepared = prepare(
                plan.dataset, self.session, full=full, progress=self.reporter.staging
            )
        finally:
            self.reporter.staged()
        self._clock("staging", started)
        for note in prepared.notes:
            self.reporter.say(f"ℹ️  {note}")
        for warning in prepared.warnings:
            self.reporter.say(f"⚠️  {warning}")
        return prepared

    def _order(self, plan: Plan, prepared: Prepared) -> Order:
        evaluator = plan.order.evaluator or from_dataset(
            plan.evaluator_args,
            prepared.evaluators,
            plan.order.options,
            self.platform.options,
        )
        return plan.with_dataset(prepared.ref, evaluator)

    def _try_evaluator(self, plan: Plan, order: Order) -> None:
        if order.evaluator is None or order.dataset is None or self.request.skip_reward_check:
            return
        with self.platform.open_staged(self.context, order.dataset.uri) as file:
            rows = first_rows(file, TRIAL_ROWS)
        for line in self.platform.try_evaluator(self.context, order, rows):
            self.reporter.say(line)

    def _compare(self, request: Request, name: str) -> None:
        """Hold the job as the platform describes it against the request; stop it if it differs."""
        described = self._describe(name)
        if described is None or described.claims is None:
            return
        wrong = changed_claims(self.platform.read_claims(request.body), described.claims)
        if not wrong:
            return
        self.platform.stop(self.context, name)
        with self.session.project.lock():
            record = read_record(self.session.project, name)
            if record is not None:
                record.problem = "; ".join(wrong)
                write_record(self.session.project, record)
        raise JobError(
            f"The job {name} is not what was sent, and was stopped.",
            detail=wrong,
            hint=f"./do/logs {self.request.technique}",
        )

    # --- following -------------------------------------------------------------------------

    def _follow(self, plan: Plan, name: str, created: bool) -> TuneResult:
        job = self._job(plan, name)
        state = self._describe(name)
        if state is None:
            raise JobError(f"The job {name} has disappeared.", hint=f"{self._again()} --force")
        if not state.final and self.request.wait:
            if not created:
                self.reporter.say(f"ℹ️  {name} is already running; watching it.")
            state = self._watch(job)
        remember_state(self.session.project, name, state)
        if state.status in ("failed", "stopped"):
            self.session.plugins.job_finished(job, None, self.reporter.say)
            raise failure(state, self._again())
        output = self._output(plan, state) if state.status == "completed" else None
        if output is not None and (created or self.request.wait):
            self.session.plugins.job_finished(job, output, self.reporter.say)
        steps = next_steps(plan.technique.name, output) if output else ["./do/tune --status"]
        record = read_record(self.session.project, name)
        return TuneResult(name, created, state, output, tuple(steps), record)

    def _watch(self, job: Job) -> JobState:
        def seen(state: JobState) -> None:
            self.reporter.job(state)
            if state.progress is not None:
                self.session.plugins.job_progress(job, state.progress, self.reporter.say)

        return watch(
            self.platform,
            self.context,
            job.name,
            interval=self.request.poll_interval or self.platform.poll_interval,
            seen=seen,
            come_back=self._again(),
        )

    def _output(self, plan: Plan, state: JobState) -> Output:
        job = self._job(plan, state.name, state.artifacts)
        output = plan.technique.output(job)
        remember_output(self.session.project, state.name, plan.technique.name, output)
        return output

    # --- small things ----------------------------------------------------------------------

    def _job(self, plan: Plan, name: str, artifacts: str | None = None) -> Job:
        return Job(
            name=name,
            platform=self.platform.name,
            technique=plan.technique.name,
            model=plan.order.model,
            training_type=plan.order.training_type,
            artifacts=artifacts,
        )

    def _record(self, plan: Plan, prepared: Prepared, name: str) -> RunRecord:
        return RunRecord(
            job=name,
            platform=self.platform.name,
            technique=plan.technique.name,
            plan_hash=plan.digest,
            asked=as_json(plan.asked),
            dataset_uri=prepared.ref.uri,
            rows=prepared.ref.rows,
            ledger=as_json({"ledger": prepared.ledger})["ledger"],
            seconds=dict(self.seconds),
        )

    def _again(self) -> str:
        return f"{self.request.command} --dataset {self.request.dataset}"

    def _clock(self, what: str, started: float) -> None:
        self.seconds[what] = round(time.monotonic() - started, 3)


def tune(session: Session, request: TuneRequest, reporter: Reporter | None = None) -> TuneResult:
    """Tune a model, or go on with the job that this very request already has.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: what is asked.
        reporter: who hears the news; by default lines on stderr.

    Raises:
        MlccError, Problems: something is wrong with the request; nothing was submitted.
        JobError: the job failed or was stopped.
        PlatformError: credentials, permission, quota, network, disk.
        Interrupted: Ctrl-C; the message says what goes on.
    """
    return Tuning(session, request, reporter or Reporter()).run()


def failure(state: JobState, again: str) -> MlccError:
    """The error for a job that failed or was stopped: whose fault first, then the reason."""
    if state.status == "stopped":
        return JobError(f"The job {state.name} was stopped.", hint=f"{again} --force")
    blame = {
        "input": "because of its input",
        "permission": "for lack of permission",
        "quota": "because a quota is exhausted",
        "platform": "because of the platform",
    }.get(state.fault or "job", "")
    first, *rest = (state.reason or "no reason was given").splitlines()
    failed = " ".join(word for word in ("failed", blame) if word)
    return JobError(
        f"The job {state.name} {failed}: {first}",
        detail=rest,
        hint=f"{again} --force   # once that is mended",
    )
