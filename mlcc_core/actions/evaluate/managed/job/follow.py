"""Several models followed at the same time, to the end of their jobs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mlcc_core.actions.evaluate.managed.job.side_run import SideRun
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.errors import Interrupted, MlccError


def follow(
    runs: Sequence[SideRun], *, interval: float, wait: bool, again: str, reporter: Reporter
) -> None:
    """Begin what has to be begun, and look at all jobs until they are over.

    Args:
        runs: the models, whose jobs have been looked for.
        interval: seconds between two looks.
        wait: to the end; otherwise each job is looked at once.
        again: the command that goes on, for messages.
        reporter: takes the news.

    Raises:
        JobError: a job failed, was stopped, has disappeared, or is not what was sent; the others
            go on.
        PlatformError: a job was not created, or cannot be asked; the others go on.
        Interrupted: Ctrl-C; all jobs go on.
    """
    try:
        for run in runs:
            run.begin()
        while True:
            for run in runs:
                if not run.over:
                    run.look()
            seen = [(run.side.title, run.attempt.state) for run in runs]
            reporter.evaluating([(title, state) for title, state in seen if state is not None])
            if not wait or all(run.over for run in runs):
                return
            time.sleep(interval)
    except KeyboardInterrupt:
        left = _left(runs)
        jobs = "the jobs go on" if left else "no job runs"
        hint = f"{again}   # goes on"
        raise Interrupted(f"Interrupted; {jobs}.", detail=left, hint=hint) from None
    except MlccError as error:
        error.detail = (*error.detail, *_left(runs))
        raise


def _left(runs: Sequence[SideRun]) -> list[str]:
    """Return a line for each job that goes on, and costs what it costs, with its end."""
    names = dict.fromkeys(run.running() for run in runs)
    return [f"{name} goes on; end it: mlcc stop {name}" for name in names if name is not None]
