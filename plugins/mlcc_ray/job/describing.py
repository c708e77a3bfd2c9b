"""The state of a job, from its folder in the storage and from its cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlcc_core import Context, JobState
from mlcc_core.helpers import first_line, plural
from mlcc_folders.job import state as states
from mlcc_folders.job.folders import read_document
from mlcc_folders.job.state import LOG_LINES, Life
from mlcc_ray import checkpoints
from mlcc_ray.job import submissions
from mlcc_ray.job.fetching import fetch
from mlcc_ray.job.mirror import Mirror
from mlcc_ray.job.submissions import Found, Submission
from mlcc_ray.options import PACKAGES, resources_text
from mlcc_ray.request.request import RAY, read_spec
from mlcc_ray.settings import address_of

LOG = "log.txt"

NO_RESULT = "The job on the cluster ended without a result."
GONE = "The cluster that ran the job is gone, or was started anew."

UNREADY, PIP = "runtime_env setup failed", "ERROR: "
"""Words of Ray for a job whose packages could not be installed, and of pip for why."""

MOST_SAID = 300

MARK, HINT = "❌ ", " Hint: "
"""Parts of the line with which a driver says why it ended."""

PENDING, WAITING = "PENDING", "waiting"
"""Words of the cluster and of a driver for jobs that are not run yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """Knowledge of a job from before its folder is read.

    Attributes:
        submissions: of the job, in order.
        found: the newest of them, as its cluster tells; ``None`` where it did not need to be asked.
    """

    submissions: Sequence[Submission]
    found: Found | None

    @property
    def life(self) -> Life:
        """Return whether the job has begun, and what runs it."""
        if self.found is None:
            return Life(begun=False)
        job = self.found.job
        if job is not None and job.lives:
            return Life(begun=True, runs_as=names_of(self.submissions[-1]))
        return Life(begun=job is not None or self.found.anew)


def describe(context: Context, name: str) -> JobState:
    """Return the state of the job now; the output of one that completed is fetched.

    A job whose result is in the storage is described without its cluster.

    Args:
        context: the surroundings of the project.
        name: of the job.

    Raises:
        JobNotFound: the storage has none of that name.
        PlatformError: storage or cluster cannot be asked right now.
    """
    mirror = Mirror(context, name)
    if mirror.settled():
        look = Look(_noted(mirror), None)
    else:
        mirror.bring()
        look = _look(context, mirror)
    state = states.describe(mirror.folder, lambda folder: look.life, read_spec)
    if state.status == "completed":
        fetch(context, mirror)
        state = states.describe(mirror.folder, lambda folder: look.life, read_spec)
    return _told(mirror, look, state)


def _look(context: Context, mirror: Mirror) -> Look:
    """Ask the cluster where the folder does not say how the job ended."""
    known = _noted(mirror)
    began = known[-1].time if known else None
    found = None
    if not _is_over(mirror) and known:
        found = submissions.look(known[-1], address_of(context))
        if found.job is None or not found.job.lives:
            mirror.bring()  # a job writes its result before it ends
    mirror.date(began)
    return Look(known, found)


def _noted(mirror: Mirror) -> Sequence[Submission]:
    """Return the submissions of a job as they were copied last."""
    path = mirror.folder.path / submissions.FILE
    return submissions.parse(path.read_bytes(), str(path)) if path.is_file() else ()


def _is_over(mirror: Mirror) -> bool:
    result = read_document(mirror.folder.result)
    return result is not None and result.get("state") in states.FINAL


def _told(mirror: Mirror, look: Look, state: JobState) -> JobState:
    """Return a state in words that fit a cluster."""
    newest = look.submissions[-1] if look.submissions else None
    details = {key: text for key, text in state.details.items() if key != "log"}
    if newest is not None:
        details |= names_of(newest)
    details["storage"] = mirror.storage.address(mirror.path(""))
    if len(look.submissions) > 1:
        details["went on as"] = ", ".join(each.id for each in look.submissions[1:])
    state = replace(state, details=details)
    if state.status == "running":
        return _running(mirror, look, state)
    if not state.interrupted:
        return state
    if (told := _not_installed(mirror, look)) is not None:
        return replace(state, fault="input", interrupted=False, saved_step=None, reason=told)
    reason = _reason(look) if not _is_over(mirror) else state.reason
    return replace(state, reason=reason, saved_step=saved_step(mirror))


def _running(mirror: Mirror, look: Look, state: JobState) -> JobState:
    """Return the state of a job that is on its way, with the driver's word for it."""
    job = look.found.job if look.found is not None else None
    if job is not None and job.status == PENDING:
        phase = "Waiting for the cluster"
        if _packages(mirror):
            phase = "Installing packages, or waiting for the cluster"
        return replace(state, status="pending", phase=phase)
    phase = str(mirror.state().get("state") or "starting")
    if phase == WAITING:
        return replace(state, phase=f"Waiting for {_share(mirror)}")
    return replace(state, phase=phase.capitalize())


def _share(mirror: Mirror) -> str:
    """Return what a job waits for, as people read it: ``2 workers with 1 CPU each``."""
    share = _asked(mirror)
    workers, resources = share.get("workers", 1), share.get("resources", {})
    each = " each" if workers > 1 else ""
    return f"{plural(workers, 'worker')} with {resources_text(resources)}{each}"


def _reason(look: Look) -> str:
    """Return why a job is over of which no result is in the storage."""
    found = look.found
    if found is None or (found.job is None and not found.anew):
        return "The job was never started: what submitted it was interrupted."
    if found.job is None:
        return GONE
    message = found.job.message.strip()
    if told := _told_last(message):
        return f"{NO_RESULT} {told}"
    said = [line.rstrip() for line in message.splitlines()[1:] if line.strip()][-LOG_LINES:]
    return "\n".join([f"{NO_RESULT} {first_line(message)}".strip(), *said])


def _not_installed(mirror: Mirror, look: Look) -> str | None:
    """Return why the user's packages could not be installed; ``None`` where they were, or none are.

    The same packages would fail again: the job does not go on with them.
    """
    job = look.found.job if look.found is not None else None
    if job is None or not _packages(mirror) or not job.message.startswith(UNREADY):
        return None
    lines = [line.strip() for line in job.message.splitlines() if line.strip()]
    said = [line.removeprefix(PIP) for line in lines if line.startswith(PIP)] or lines
    why = said[-1][:MOST_SAID].rstrip(".")
    return (
        f"Ray could not install the packages of {PACKAGES.flag}: {why}.\n"
        f"mend the file that {PACKAGES.flag} names"
    )


def _packages(mirror: Mirror) -> object:
    """Return the packages that Ray installs for a job, if there are any."""
    return (read_document(mirror.folder.proof) or {}).get("packages")


def _told_last(message: str) -> str | None:
    """Return the line for people that a driver printed last, its hint below; ``None`` without one.

    Example:
        ``❌ There is no request. Hint: mount the folder`` among lines of Ray.
    """
    lines = [line.strip() for line in message.splitlines()]
    told = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    return told[-1].replace(HINT, "\n", 1) if told else None


def saved_step(mirror: Mirror) -> int | None:
    """Return the step that a job can go on from; ``None`` without one.

    Raises:
        PlatformError: the storage cannot be read.
    """
    workers = int(_asked(mirror).get("workers", 1))
    return max(checkpoints.common(mirror.storage, mirror.name, workers), default=None)


def _asked(mirror: Mirror) -> Mapping[str, Any]:
    """Return the share of its cluster that a job takes, as its request says."""
    share: Mapping[str, Any] = (read_document(mirror.folder.request) or {}).get(RAY) or {}
    return share


def names_of(submission: Submission) -> dict[str, str]:
    """Return the details by which people find a submission on its cluster."""
    return {"ray job": submission.id, "cluster": submission.address}
