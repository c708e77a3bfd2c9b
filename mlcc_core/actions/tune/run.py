"""``tune``: plan → stage → prove → submit → watch → output. Run again, it goes on where it was."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from mlcc_core.actions.runs.run_file.given import given_of
from mlcc_core.actions.runs.tracking import given_options
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.cost import JobCost, cost_at, hold_draft, not_limited
from mlcc_core.actions.tune.job.follow import TuneResult, follow
from mlcc_core.actions.tune.job.proof import prove
from mlcc_core.actions.tune.job.replace import forget_earlier, replace_running, tell_of_others
from mlcc_core.actions.tune.job.resume import resume
from mlcc_core.actions.tune.job.submit import Tracker, tracker_of
from mlcc_core.actions.tune.job.unheeded import unheeded_lines
from mlcc_core.actions.tune.plan.dataset import Prepared, prepare
from mlcc_core.actions.tune.plan.held_out.files import PartFiles
from mlcc_core.actions.tune.plan.held_out.planned import planned_rows
from mlcc_core.actions.tune.plan.hints import whole_commands
from mlcc_core.actions.tune.plan.named import naming_row
from mlcc_core.actions.tune.plan.plan import Plan, build_plan
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.plan.rows import RowCount
from mlcc_core.actions.tune.reporter import Reporter, asking_elsewhere
from mlcc_core.actions.tune.trial import Trial, Tried
from mlcc_core.contract.job import DatasetRef, TrainingSpec
from mlcc_core.contract.platform.values import Request
from mlcc_core.errors import Interrupted
from mlcc_core.helpers.text import indented
from mlcc_core.project.records import RunRecord, as_json

__all__ = ["TuneResult", "tune"]


@dataclass(frozen=True)
class Ready:
    """All that is needed to create a job.

    Attributes:
        prepared: the dataset, where the platform reads it.
        request: proved to say what was planned.
        forecast: lines of the platform about the job.
        cost: of the job.
    """

    prepared: Prepared
    request: Request
    forecast: tuple[str, ...] = ()
    cost: JobCost = dataclasses.field(default_factory=JobCost)


class Tuning:
    """One call of ``tune``, step by step."""

    def __init__(self, session: Session, request: TuneRequest, reporter: Reporter) -> None:
        self.session = session
        self.request = request
        self.reporter = reporter
        self.platform = session.platform
        self.context = session.context
        self.seconds: dict[str, float] = {}
        self.trial = Trial(session, reporter, request.skip_reward_check)

    def run(self) -> TuneResult:
        """Do it; see :func:`tune`."""
        started = time.monotonic()
        try:
            with whole_commands(self.request):
                with asking_elsewhere(self.platform, self.reporter):
                    plan = build_plan(self.session, self.request)
                self._clock("plan", started)
                tracker = tracker_of(plan, planned_rows(plan))
                found = tracker.find()
                if found is not None:
                    name, ready = found.name, None
                    late = unheeded_lines(plan, name, goes_on=found.interrupted)
                    self._say_lines((*late, *not_limited(plan, name)))
                else:
                    name = tracker.next_name()
                    ready = self._make_ready(plan)
                    self._make_room(tracker)
        except KeyboardInterrupt:
            raise Interrupted(
                "Interrupted; nothing was submitted.",
                hint=self.request.command_line(force=self.request.force),
            ) from None
        created = False
        if ready is not None:
            record = self._record(plan, ready, name)
            name, created = tracker.create(name, ready.request, record)
            if created and self.request.force:
                forget_earlier(tracker, name)
        resumed = found is not None and found.interrupted and resume(plan, name, self.reporter.say)
        return follow(plan, name, self.reporter, created=created, resumed=resumed)

    # --- creating --------------------------------------------------------------------------

    def _make_room(self, tracker: Tracker) -> None:
        """Ask about the running job that ``--force`` replaces, once all else is ready."""
        if not self.request.force:
            return
        tell_of_others(tracker, self.reporter)
        left = tracker.left_running()
        if left is not None:
            again = self.request.command_line(force=True)
            replace_running(self.session, left, self.reporter, again)

    def _make_ready(self, plan: Plan) -> Ready:
        """Do everything that can fail before a job exists."""
        self._say_notes((), plan.told)
        hold_draft(plan)
        self.check_settings(plan)
        prepared = self._prepare(plan)
        spec = self._spec(plan, prepared)
        request = self._request(plan, spec)
        self._say_notes(request.notes, request.warnings)
        forecast = self._forecast(spec, request)
        self._say_lines(forecast)
        cost = cost_at(plan, spec, request, self.reporter)
        self._say_lines(cost.lines())
        self._say_lines(self.trial.on_staged(spec, request))
        return Ready(prepared, request, tuple(forecast), cost)

    def check_settings(self, plan: Plan) -> None:
        """Have the platform check what ``--set`` gave, before anything is staged."""
        if plan.spec.settings:
            with self.reporter.working("Checking the settings"):
                runner = self.platform.runner
                lines = runner.check_settings(self.context, plan.spec, plan.draft)
            self._say_lines(lines)

    def rehearse(self, plan: Plan) -> tuple[Ready, Tried]:
        """Do what comes before a job and changes nothing, for rows that need not be staged.

        Returns:
            All that the job needs, and the trial of the evaluator.
        """
        prepared = self._ready_rows(plan)
        spec = self._spec(plan, prepared)
        request = self._request(plan, spec)
        forecast = self._forecast(spec, request)
        cost = cost_at(plan, spec, request, self.reporter)
        tried = self.trial.left_out(spec)
        if tried is None:
            tried = Tried(tuple(self.trial.on_staged(spec, request)))
        return Ready(prepared, request, tuple(forecast), cost), tried

    def foresee(self, plan: Plan, rows: RowCount, files: PartFiles | None = None) -> Sequence[str]:
        """Forecast a job from rows that it will not read where they are, if that can be done.

        Args:
            plan: whose dataset will be staged.
            rows: of the dataset.
            files: they have the rows, where the dataset's own cannot be read as it is.

        Returns:
            The platform's lines about the job.
        """
        dataset = plan.dataset
        key, take = dataset.preview.key, dataset.job.conversion.take
        trained = None if rows.ledger is None else rows.ledger.trained
        if plan.column_decides:
            return ()
        if dataset.undivided is not None:
            ref = DatasetRef(dataset.undivided, key, trained, take=take)
        elif files is not None and trained:
            ref = files.ref(key, trained, whole=rows.whole)
        else:
            return ()
        spec = plan.with_dataset(ref, plan.spec.evaluator)
        return self._forecast(spec, self._request(plan, spec))

    def _request(self, plan: Plan, spec: TrainingSpec) -> Request:
        """Return the request for the complete spec, proved to say what the spec says.

        The plan's preview is that request where the plan knew the dataset's place already.
        """
        request = plan.draft
        if not plan.knows(spec):
            with naming_row(plan.dataset.job, spec.evaluator):
                request = self.platform.runner.build_request(self.context, spec)
        prove(spec, self.platform.runner.read_spec(request.body))
        return request

    def _forecast(self, spec: TrainingSpec, request: Request) -> Sequence[str]:
        with self.reporter.working(f"Checking what the job needs on {self.platform.title}"):
            return self.platform.runner.forecast(self.context, spec, request)

    def _ready_rows(self, plan: Plan) -> Prepared:
        try:
            return prepare(
                plan.dataset,
                self.session,
                validate="full" if plan.column_decides else self.request.validate,
                progress=self.reporter.staging,
                copying=lambda note: self._say_notes((note,), ()),
            )
        finally:
            self.reporter.staged()

    def _prepare(self, plan: Plan) -> Prepared:
        started = time.monotonic()
        prepared = self._ready_rows(plan)
        self._clock("staging", started)
        self._say_notes((*plan.dataset.job.listing.notes, *prepared.notes), prepared.warnings)
        self._say_lines(prepared.rows.lines())
        return prepared

    def _spec(self, plan: Plan, prepared: Prepared) -> TrainingSpec:
        evaluator = plan.spec.evaluator or plan.named.decide(prepared.evaluators)
        return plan.with_dataset(prepared.ref, evaluator)

    def _say_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.reporter.say(line)

    def _say_notes(self, notes: Iterable[str], warnings: Iterable[str]) -> None:
        for note in notes:
            self.reporter.say(indented(f"ℹ️  {note}"))
        for warning in warnings:
            self.reporter.say(indented(f"⚠️  {warning}"))

    def _record(self, plan: Plan, ready: Ready, name: str) -> RunRecord:
        prepared = ready.prepared
        return RunRecord(
            job=name,
            platform=self.platform.name,
            technique=plan.technique.name,
            plan_hash=plan.digest,
            asked=as_json(plan.asked),
            command=self.request.command_line(),
            options=as_json(
                given_options(self.platform, self.session.plugins, plan.session.options)
            ),
            given=as_json(given_of(plan)),
            created=round(time.time(), 3),
            dataset=plan.dataset.job.listing.shown,
            content=plan.dataset.content,
            form=plan.dataset.job.schema.format,
            plugins=self.session.plugins.versions(
                ("technique", plan.technique.name),
                ("source", plan.dataset.job.source.name),
                ("platform", self.platform.name),
            ),
            libraries=dict(self.platform.runner.libraries(self.context)),
            dataset_uri=prepared.ref.uri,
            rows=prepared.ref.rows,
            validation_uri=prepared.ref.validation,
            held_out=prepared.rows.held_out,
            ledger=self._ledger(prepared),
            rejects=self._rejects(prepared),
            forecast=list(ready.forecast),
            cost=ready.cost.bill.document() if ready.cost.bill.charges else None,
            lineage=list(plan.spec.start.lineage) if plan.spec.start else [],
            seconds=dict(self.seconds),
        )

    def _ledger(self, prepared: Prepared) -> dict[str, JsonValue] | None:
        """Return the ledger as the record holds it."""
        ledger = prepared.rows.ledger
        return None if ledger is None else as_json(dataclasses.asdict(ledger))

    def _rejects(self, prepared: Prepared) -> str | None:
        """Return the path of the rows that were left out."""
        path = prepared.rows.rejects
        return str(path) if path is not None and path.exists() else None

    def _clock(self, what: str, started: float) -> None:
        self.seconds[what] = round(time.monotonic() - started, 3)


def tune(session: Session, request: TuneRequest, reporter: Reporter | None = None) -> TuneResult:
    """Tune a model, or go on with the job that this very request already has.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the job that is asked for.
        reporter: takes the news; by default lines on stderr.

    Raises:
        ValueError: a dry run was asked for, which submits nothing: ``dry_run``.
        MlccError, Problems: something is wrong with the request; nothing was submitted.
        JobError: the job failed or was stopped.
        PlatformError: credentials, permission, quota, network, disk.
        Interrupted: Ctrl-C; the message says what goes on.
    """
    if request.dry_run:
        raise ValueError("a dry run submits nothing: call dry_run(session, request)")
    session = session.with_options(request.values)
    return Tuning(session, request, reporter or Reporter()).run()
