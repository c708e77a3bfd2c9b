"""The events of mlcc, turned into news for trackers."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, cast

from mlcc_core.helpers import at_end
from mlcc_trackers.choice import tracker_class, tracks_itself
from mlcc_trackers.delivery import Delivery, Patience
from mlcc_trackers.private import shown_text
from mlcc_trackers.runs import (
    document_of,
    evaluated_run,
    held_out_numbers,
    numbers_of,
    point_of,
    run_of,
)

if TYPE_CHECKING:
    from mlcc_core import Context, Evaluation, Job, JobState, Progress
    from mlcc_trackers.tracker import Ending, TrackedRun, Tracker


class Listener:
    """Runs that are tracked by this process, each with its tracker and its queue."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._patience = Patience()
        self._active: dict[str, tuple[Tracker, Delivery]] = {}

    def submitted(self, job: Job, context: Context) -> None:
        """Make the run of a job known to its tracker."""
        found = self._of_job(job, context)
        if found is not None:
            tracker, delivery = found
            context.say(f"ℹ️  Tracked by {tracker.place}")
            delivery.put(lambda: None)

    def progress(self, job: Job, progress: Progress, context: Context) -> None:
        """Send the numbers of a step."""
        found = self._of_job(job, context)
        if found is not None:
            found[1].put(point_of(progress))

    def finished(self, job: Job, context: Context, state: JobState) -> None:
        """Send the end of a job, and wait for the tracker to have taken everything."""
        found = self._of_job(job, context)
        if found is not None:
            tracker, delivery = found
            numbers = held_out_numbers(state)
            if numbers:
                delivery.put(partial(tracker.summarize, numbers, {}))
            delivery.put(partial(tracker.finish, cast("Ending", state.status)))
            self._close(job.name)

    def evaluated(self, evaluation: Evaluation, context: Context) -> None:
        """Send an evaluation to the run that it belongs to."""
        chosen = tracker_class(context)
        if chosen is None:
            return
        run = evaluated_run(evaluation, context)
        tracker, delivery = self._open(run, chosen, context)
        deciding = evaluation.deciding
        verdict = str(deciding.verdict) if deciding is not None and deciding.verdict else ""
        against = shown_text(evaluation.against, context.root)
        tags = {"mlcc.against": against, "mlcc.verdict": verdict}
        tags = {key: value for key, value in tags.items() if value}
        name = f"evaluation-{evaluation.created:.0f}.json"
        delivery.put(partial(tracker.summarize, numbers_of(evaluation), tags))
        delivery.put(partial(tracker.attach, name, document_of(evaluation, context.root)))
        delivery.put(lambda: _finish_made(tracker, alone=evaluation.job is None))
        self._close(run.name)

    def _of_job(self, job: Job, context: Context) -> tuple[Tracker, Delivery] | None:
        chosen = tracker_class(context)
        if chosen is None or tracks_itself(job.platform, chosen, context):
            return None
        return self._open(run_of(job, context), chosen, context)

    def _open(
        self, run: TrackedRun, chosen: type[Tracker], context: Context
    ) -> tuple[Tracker, Delivery]:
        with self._lock:
            if not self._active:
                at_end(self._close_all)
            if run.name not in self._active:
                tracker = chosen(run, context.settings)
                delivery = Delivery(tracker, self._patience, context.say)
                self._active[run.name] = tracker, delivery
            return self._active[run.name]

    def _close(self, name: str) -> None:
        with self._lock:
            found = self._active.pop(name, None)
        if found is not None:
            found[1].close()

    def _close_all(self) -> None:
        """Send what is left at the end of a command that does not watch a job to its end."""
        with suppress(KeyboardInterrupt):
            for name in list(self._active):
                self._close(name)


def _finish_made(tracker: Tracker, alone: bool) -> None:
    """Mark the end of a run that stands for an evaluation alone, or that its coming has made.

    The training of the run that was evaluated is over, and was not tracked then.
    """
    if alone or tracker.made:
        tracker.finish("completed")
