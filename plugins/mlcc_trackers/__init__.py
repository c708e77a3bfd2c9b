"""Trackers: progress, settings and evaluations go to MLflow and others as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_core import Context, Evaluation, Job, JobState, Option, Progress
    from mlcc_trackers.listener import Listener

_listeners: list[Listener] = []


def mlcc_run_options() -> Sequence[Option]:
    """Return the flag that names a tracker."""
    from mlcc_trackers.choice import OPTION

    return [OPTION]


def mlcc_check_run(context: Context) -> None:
    """Refuse a tracker that cannot work."""
    from mlcc_trackers.choice import check

    check(context)


def mlcc_job_submitted(job: Job, context: Context) -> None:
    """Make a run known to its tracker."""
    _listener().submitted(job, context)


def mlcc_job_progress(job: Job, progress: Progress, context: Context) -> None:
    """Send the numbers of a step."""
    _listener().progress(job, progress, context)


def mlcc_job_finished(job: Job, context: Context, state: JobState) -> None:
    """Send the end of a run."""
    _listener().finished(job, context, state)


def mlcc_run_evaluated(evaluation: Evaluation, context: Context) -> None:
    """Send the results of an evaluation."""
    _listener().evaluated(evaluation, context)


def _listener() -> Listener:
    """Return the one of this process, made when it is first needed."""
    if not _listeners:
        from mlcc_trackers.listener import Listener

        _listeners.append(Listener())
    return _listeners[0]
