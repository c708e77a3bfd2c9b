"""``tune --dry-run``: a plan, and what ``tune`` would do with it now. Nothing is written."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from mlcc_core.actions.money.bill import saved_bill
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.cost import JobCost, count_sampled, held_cost, hold_draft, not_limited
from mlcc_core.actions.tune.job.submit import tracker_of
from mlcc_core.actions.tune.plan.held_out.files import PartFiles, temporary_files
from mlcc_core.actions.tune.plan.held_out.planned import planned_rows
from mlcc_core.actions.tune.plan.hints import whole_commands
from mlcc_core.actions.tune.plan.plan import Plan, build_plan
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.plan.rows import RowCount, count_rows, recorded_rows
from mlcc_core.actions.tune.reporter import Reporter, asking_elsewhere
from mlcc_core.actions.tune.run import Tuning
from mlcc_core.actions.tune.trial import TRIAL_ROWS, Tried
from mlcc_core.contract.job import JobState
from mlcc_core.contract.options import Evaluator
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.project.records import read_record
from mlcc_core.staging import RowSample


@dataclass(frozen=True)
class DryRun:
    """A plan, and what ``tune`` would do with it now.

    Attributes:
        plan: the plan.
        job: the name of the job that would be created, or gone on with.
        state: of that job, if it exists.
        in_the_way: why ``tune`` would not do it without ``--force``.
        rows: of the dataset, with the fate of each; of a job that exists, as its record has them.
        forecast: lines of the platform about the job, for a dataset that need not be staged.
        cost: of the job; of one that exists, as its record has it.
        trial: of the evaluator, or why it is not tried.
    """

    plan: Plan
    job: str
    state: JobState | None
    in_the_way: MlccError | None
    rows: RowCount
    forecast: Sequence[str] = ()
    cost: JobCost = dataclasses.field(default_factory=JobCost)
    trial: Tried = dataclasses.field(default_factory=Tried)


def dry_run(session: Session, request: TuneRequest, reporter: Reporter | None = None) -> DryRun:
    """Plan a job, and check what ``tune`` checks before it creates one; nothing is written.

    The evaluator is tried where that costs nothing but time, which its platform knows.

    Args:
        session: project, plugins and platform; see ``open_session``.
        request: the job that is asked for.
        reporter: takes the news; by default lines on stderr.

    Raises:
        MlccError, Problems, JobError, PlatformError: as ``tune``, before it creates a job.
    """
    reporter = reporter or Reporter()
    session = session.with_options(request.values)
    with whole_commands(request), asking_elsewhere(session.platform, reporter):
        plan = build_plan(session, request)
    tracker = tracker_of(plan, planned_rows(plan))
    try:
        state, in_the_way = tracker.look(), None
    except PlatformError:
        raise
    except MlccError as error:
        state, in_the_way = None, error
    if state is not None:
        record = read_record(session.project, state.name)
        rows = recorded_rows(record)
        if rows.held_out is None:
            rows = dataclasses.replace(rows, held_out=plan.dataset.held_out.in_words())
        for line in not_limited(plan, state.name):
            reporter.say(line)
        cost = JobCost(saved_bill(record.cost if record else None))
        return DryRun(plan, state.name, state, in_the_way, rows, cost=cost)
    with whole_commands(request):
        found = _rehearse(session, request, plan, reporter)
    return dataclasses.replace(found, job=tracker.next_name(), in_the_way=in_the_way)


def _rehearse(session: Session, request: TuneRequest, plan: Plan, reporter: Reporter) -> DryRun:
    """Count the rows, and forecast and price the job, with the request that would be sent.

    Where the rows are at hand, in place or staged before, that is as it will be sent.
    """
    tuning = Tuning(session, request, reporter)
    hold_draft(plan)
    tuning.check_settings(plan)
    key = plan.dataset.preview.key
    if plan.dataset.in_place is not None or session.platform.store.find_parts(session.context, key):
        ready, tried = tuning.rehearse(plan)
        whole, rows = dataclasses.replace(plan, draft=ready.request), ready.prepared.rows
        return DryRun(whole, "", None, None, rows, ready.forecast, ready.cost, tried)
    priced = session.platform.pricing is not None
    sample = RowSample() if priced or plan.evaluator_args else None
    with _place_for_rows(session, plan) as files:
        try:
            rows, report = count_rows(
                plan.dataset,
                session,
                validate=request.validate,
                progress=reporter.staging,
                sample=sample,
                into=files,
            )
        finally:
            reporter.staged()
        named = None
        if plan.column_decides:
            named = plan.named.check(report.evaluators, first=not rows.whole)
        forecast = tuning.foresee(plan, rows, files)
    cost = held_cost(
        plan, plan.spec, plan.draft, count_sampled(plan, rows, sample if priced else None)
    )
    tried = _tried(tuning, plan, named, sample)
    return DryRun(plan, "", None, None, rows, forecast, cost, tried)


def _tried(tuning: Tuning, plan: Plan, named: Evaluator | None, sample: RowSample | None) -> Tried:
    """Try the evaluator on rows of the sample, or say why not.

    Args:
        tuning: the steps.
        plan: of the job.
        named: by the rows, where they name it.
        sample: of the rows to train on.
    """
    spec = dataclasses.replace(plan.spec, evaluator=plan.spec.evaluator or named)
    left_out = tuning.trial.left_out(spec)
    if left_out is not None or sample is None:
        return left_out or Tried()
    request = plan.draft
    if named is not None:
        request = tuning.platform.runner.build_request(tuning.context, spec)
    rows = [json.loads(row) for row in sample.sample().units[:TRIAL_ROWS]]
    return Tried(tuple(tuning.trial.on(rows, spec, request)))


@contextmanager
def _place_for_rows(session: Session, plan: Plan) -> Iterator[PartFiles | None]:
    """Open files for rows that a forecast on this machine needs, for as long as the block lasts.

    Yields:
        ``None`` where jobs run elsewhere, or read the dataset's own file, all rows of it.
    """
    if not session.platform.trains_here or plan.dataset.undivided is not None:
        yield None
        return
    with temporary_files() as files:
        yield files
