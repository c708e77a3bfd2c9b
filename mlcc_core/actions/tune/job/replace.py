"""``--force``: jobs that the new one takes the place of, whether they run or were interrupted."""

from __future__ import annotations

from mlcc_core.actions.money.spent import record_spent
from mlcc_core.actions.runs.ended import free_checkpoints
from mlcc_core.actions.runs.find import run_names
from mlcc_core.actions.runs.tracking import tracked_job
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import job_context, platform_of
from mlcc_core.actions.tune.job.submit import Tracker
from mlcc_core.actions.tune.job.watch import watch
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_core.project.records import read_record


def replace_running(session: Session, job: str, reporter: Reporter, again: str) -> None:
    """Ask whether to stop the job that a new one takes the place of; without a yes it goes on.

    Args:
        session: its ``confirm`` is asked.
        job: the running one.
        reporter: takes the news.
        again: the command that comes back to this point, for messages.

    Raises:
        PlatformError: the job cannot be stopped or watched.
    """
    if not session.confirm(f"{job} is not over, and a new job takes its place. Stop it?"):
        reporter.say(
            f"⚠️  {job} is not over, and a new job takes its place; it goes on until it ends, or "
            f"until: mlcc stop {job}"
        )
        return
    platform, context = platform_of(session, job), job_context(session, job)
    try:
        platform.runner.stop(context, job)
        state = watch(
            platform,
            context,
            job,
            interval=platform.poll_interval,
            seen=reporter.job,
            say=reporter.say,
            come_back=again,
        )
    except JobNotFound:
        return
    record_spent(session, job, state)
    reporter.say(f"✅ {job} is {state.status}.")


def tell_of_others(tracker: Tracker, reporter: Reporter) -> None:
    """Say which earlier jobs of the technique still run, though none of them is tracked.

    Raises:
        PlatformError: the records cannot be read.
    """
    project = tracker.project
    tracked = tracked_job(project, tracker.technique)
    for name in run_names(project):
        record = None if name == tracked else read_record(project, name)
        if record is None or record.technique != tracker.technique or tracker.over(name, record):
            continue
        reporter.say(
            f"⚠️  {name} is not over either; it goes on until it ends, or until: mlcc stop {name}"
        )


def forget_earlier(tracker: Tracker, new: str) -> None:
    """Free what earlier attempts at a plan would have gone on from: the new one is there now.

    Args:
        tracker: of the plan.
        new: the attempt that was begun.
    """
    for name in run_names(tracker.project):
        if name == new or not name.startswith(tracker.prefix):
            continue
        free_checkpoints(tracker.platform, tracker.context, name)
