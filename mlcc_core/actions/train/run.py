"""``train --script``: plan → prove → create → watch → output. Run again, it goes on."""

from __future__ import annotations

from mlcc_core.actions.session import Session
from mlcc_core.actions.train.follow import follow_script
from mlcc_core.actions.train.jobs import record_of_script
from mlcc_core.actions.train.plan import ScriptPlan, build_script_plan, hold
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.job.follow import TuneResult
from mlcc_core.actions.tune.job.replace import forget_earlier, replace_running, tell_of_others
from mlcc_core.actions.tune.job.resume import resume
from mlcc_core.actions.tune.job.submit import Tracker, tracker_of
from mlcc_core.actions.tune.plan.hints import whole_commands
from mlcc_core.actions.tune.reporter import Reporter, asking_elsewhere
from mlcc_core.errors import Interrupted
from mlcc_core.helpers.text import indented

__all__ = ["train_script"]


def train_script(
    session: Session, request: ScriptRequest, reporter: Reporter | None = None
) -> TuneResult:
    """Run a script as a job, or go on with the job that this very request already has.

    Args:
        session: project, plugins and the platform that runs it; see ``open_session``.
        request: the run that is asked for.
        reporter: takes the news; by default lines on stderr.

    Returns:
        How the job stands. ``output`` is for models: the files of a script are told by the state
        and by the record.

    Raises:
        ValueError: a dry run was asked for, which creates nothing: ``dry_run_script``.
        MlccError, Problems: something is wrong with the request; nothing was created.
        JobError: the job failed or was stopped.
        PlatformError: credentials, permission, quota, network, disk.
        Interrupted: Ctrl-C; the message says what goes on.
    """
    if request.dry_run:
        raise ValueError("a dry run creates nothing: call dry_run_script(session, request)")
    reporter = reporter or Reporter()
    session = session.with_options(request.values)
    created = False
    try:
        with whole_commands(request):
            with asking_elsewhere(session.platform, reporter):
                plan = build_script_plan(session, request)
            tracker = tracker_of(plan)
            found = tracker.find()
            if found is None:
                _make_ready(plan, tracker, reporter)
            elif request.max_cost is not None:
                reporter.say(
                    f"ℹ️  --max-cost is for new jobs: {found.name} exists, and costs what it costs."
                )
    except KeyboardInterrupt:
        raise Interrupted(
            "Interrupted; nothing was submitted.", hint=request.command_line(force=request.force)
        ) from None
    if found is not None:
        resumed = found.interrupted and resume(plan, found.name, reporter.say)
        return follow_script(plan, found.name, reporter, created=False, resumed=resumed)
    name = tracker.next_name()
    name, created = tracker.create(name, plan.draft, record_of_script(plan, name))
    if created and request.force:
        forget_earlier(tracker, name)
    return follow_script(plan, name, reporter, created=created)


def _make_ready(plan: ScriptPlan, tracker: Tracker, reporter: Reporter) -> None:
    """Say what is to be said before a job is created, and ask about one that it replaces.

    Raises:
        MlccError: it may cost more than the limit.
    """
    for note in plan.draft.notes:
        reporter.say(indented(f"ℹ️  {note}"))
    for warning in (*plan.told, *plan.draft.warnings):
        reporter.say(indented(f"⚠️  {warning}"))
    for line in plan.bill.lines():
        reporter.say(line)
    hold(plan)
    if not plan.request.force:
        return
    tell_of_others(tracker, reporter)
    left = tracker.left_running()
    if left is not None:
        replace_running(plan.session, left, reporter, plan.request.command_line(force=True))
