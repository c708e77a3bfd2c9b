"""``--force`` while a job runs: stop the one that is replaced, or leave it."""

from __future__ import annotations

from mlcc_core.actions.runs.tracking import remember_state
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.job.status import job_context, platform_of
from mlcc_core.actions.tune.job.watch import watch
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.runner import JobNotFound


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
    remember_state(session.project, job, state)
    reporter.say(f"✅ {job} is {state.status}.")
