"""Jobs that exist: found by name, described, stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlcc_core import Context, JobNotFound, JobState, PlatformError, Progress, ReportedSpec, Request
from mlcc_engine.container.layout import ENGINE, ENTRY
from mlcc_folders.job.progress import progress_in, with_numbers
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.instances.job import spot
from mlcc_sagemaker.instances.job.chain import Chain, read_chain, without_continuations
from mlcc_sagemaker.instances.job.ending import Ending, ending_of
from mlcc_sagemaker.instances.job.kept import (
    artifacts_of,
    checkpoint_keys,
    checkpoints_of,
    saved_step,
    stored_result,
)
from mlcc_sagemaker.instances.job.log.marks import PROGRESS, RESULT, STATE, WARNING, Marked
from mlcc_sagemaker.instances.job.log.reading import JobLog
from mlcc_sagemaker.instances.job.reported_spec import described_spec
from mlcc_sagemaker.job import jobs as serverless
from mlcc_sagemaker.job.progress import seconds, status_of

STEPS_OF_PACE = 500
"""Lines of progress, at the end, whose pace counts."""


@dataclass(slots=True)
class Known:
    """The memory of a process of one job, from look to look.

    Attributes:
        chain: as it was seen last.
        log: the marked lines that were read.
        sent: its request, where this process sent it.
    """

    chain: Chain | None = None
    log: JobLog = field(default_factory=JobLog)
    sent: Request | None = None

    def look(self, context: Context, name: str) -> Chain:
        """Read what the service says now; see :func:`read_chain`."""
        try:
            chain = read_chain(context, name, self.chain)
        except JobNotFound:
            if self.chain is None:
                raise
            chain = read_chain(context, name)
        if self.chain is not None and chain.created != self.chain.created:
            self.log = JobLog()  # it was deleted, and another one has its name
        self.chain = chain
        return chain


def list_jobs(context: Context, prefix: str) -> Sequence[str]:
    """Return the names of all jobs that begin with ``prefix``, newest first."""
    return without_continuations(serverless.list_jobs(context, prefix))


def describe(context: Context, name: str, known: Known) -> JobState:
    """Return the state of the job now.

    Args:
        context: the surroundings of the project.
        name: that the core gave it.
        known: what this process knows of it; brought up to date.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it cannot be asked right now.
    """
    chain = known.look(context, name)
    marked, unread = _read_marked(context, chain, known.log)
    latest = known.log.of_newest_start(chain)
    description = chain.newest.description
    ending = ending_of(description, _last(latest, RESULT))
    result = _result(context, chain, latest, ending)
    over = ending.status in ("completed", "failed", "stopped")
    taken_back = spot.waits(description)
    trains = not (over or taken_back) and any(mark == PROGRESS for mark, _ in latest)
    # Those of a training that completed are removed, or about to be.
    asks = taken_back or (over and (ending.status != "completed" or not _is_training(chain)))
    kept = checkpoint_keys(context, chain) if asks else ()
    saved = saved_step(kept) if _is_training(chain) else (0 if kept else None)
    artifacts = artifacts_of(chain.newest) or None
    ended = description.get("TrainingEndTime") or description.get("LastModifiedTime")
    return JobState(
        name=name,
        status=ending.status,
        phase=_phase(description, latest),
        progress=_progress(marked, result if over else None, trains=trains),
        reported=_reported(chain, known.sent),
        artifacts=artifacts if ending.status == "completed" else None,
        reason=ending.reason,
        fault=ending.fault,
        started=seconds(chain.first.get("CreationTime")),
        ended=seconds(ended) if over else None,
        details=_details(context, chain, result if over else None, kept=bool(kept)),
        warnings=(
            *((spot.told(description, saved),) if taken_back else ()),
            *_warnings(marked, result if over else None),
            *(() if over else unread),
        ),
        interrupted=ending.interrupted,
        saved_step=saved if ending.interrupted else None,
    )


def stop(context: Context, name: str, known: Known) -> None:
    """Ask the job to stop; one that has ended is left as it is.

    Raises:
        JobNotFound: there is none of that name.
    """
    serverless.stop(context, known.look(context, name).newest.name)


def _read_marked(
    context: Context, chain: Chain, log: JobLog
) -> tuple[list[Marked], tuple[str, ...]]:
    """Return the marked lines, and a line about a log that may not be read."""
    try:
        return log.marked(context, chain), ()
    except PlatformError as error:
        if error.transient:
            raise
        mend = f" Mend it with: {error.hint}" if error.hint else ""
        return [], (f"The progress is not known: {error.what}{mend}",)


def _last(marked: Sequence[Marked], wanted: str) -> Mapping[str, Any] | None:
    return next((document for mark, document in reversed(marked) if mark == wanted), None)


def _result(
    context: Context, chain: Chain, marked: Sequence[Marked], ending: Ending
) -> Mapping[str, Any] | None:
    """Return the container's result; of a completed job that beside its output, if need be."""
    found = _last(marked, RESULT)
    if found is None and ending.status == "completed" and artifacts_of(chain.newest):
        return stored_result(context, chain.newest)
    return found


def _progress(
    marked: Sequence[Marked], result: Mapping[str, Any] | None, *, trains: bool
) -> Progress | None:
    """Return how far the job is; while it does not train, no time left is told."""
    lines = [document for mark, document in marked if mark == PROGRESS]
    progress = progress_in(lines[-STEPS_OF_PACE:], time.time() if trains else None)
    return with_numbers(progress, (result or {}).get("metrics"))


def _phase(description: Mapping[str, Any], marked: Sequence[Marked]) -> str:
    """Return the service's word; while it trains, the container's."""
    if spot.waits(description):
        return spot.WAITING
    secondary = str(description.get("SecondaryStatus") or "")
    state = _last(marked, STATE)
    if secondary == "Training" and state is not None and state.get("state"):
        return str(state["state"]).capitalize()
    return secondary


def _warnings(marked: Sequence[Marked], result: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the warnings of a result where there is one, else those that were printed so far."""
    listed = (result or {}).get("warnings")
    if isinstance(listed, list):
        yield from map(str, listed)
        return
    printed = [document.get("warning") for mark, document in marked if mark == WARNING]
    yield from dict.fromkeys(str(warning) for warning in printed if warning)


def _reported(chain: Chain, sent: Request | None) -> ReportedSpec | None:
    """Return what the job says of itself; a script has no training to report."""
    return described_spec(chain.first, sent) if _is_training(chain) else None


def _is_training(chain: Chain) -> bool:
    """Return whether the engine runs, and no script of a user's."""
    given = chain.first.get("HyperParameters") or {}
    return bool(given.get(ENTRY, ENGINE) == ENGINE)


def _details(
    context: Context, chain: Chain, result: Mapping[str, Any] | None, *, kept: bool
) -> dict[str, str]:
    """Return facts for people: the console, the instances, checkpoints that there are."""
    region = region_of(context)
    console = f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}"
    description = chain.newest.description
    resources = description.get("ResourceConfig") or {}
    count = resources.get("InstanceCount", 1)
    market = " (spot)" if spot.is_spot(description) else ""
    details = {
        "console": f"{console}#/jobs/{chain.newest.name}",
        "instances": f"{count} × {resources.get('InstanceType')}{market}",
    }
    if len(chain.links) > 1:
        details["went on as"] = ", ".join(chain.names[1:])
    taken_back = sum(len(spot.times_taken_back(link.description)) for link in chain.links)
    if taken_back:
        details["spot instances taken back"] = str(taken_back)
    checkpoints = checkpoints_of(chain)
    if checkpoints is not None and kept:
        done = status_of(description) == "completed"
        mend = f"   # to remove them: aws s3 rm --recursive {checkpoints}" if done else ""
        details["checkpoints"] = f"{checkpoints}{mend}"
    own = (result or {}).get("details")
    return {**(_texts(own) if isinstance(own, Mapping) else {}), **details}


def _texts(own: Mapping[Any, Any]) -> dict[str, str]:
    return {str(title): str(text) for title, text in own.items()}
