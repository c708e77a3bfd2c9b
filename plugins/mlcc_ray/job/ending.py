"""Ending jobs, and removing what they leave in the storage, on the cluster and in the project."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Context, PlatformError
from mlcc_folders.job import folders
from mlcc_ray.api.cluster import cluster_at
from mlcc_ray.job import submissions
from mlcc_ray.job.describing import describe
from mlcc_ray.job.mirror import JOBS, Mirror
from mlcc_ray.job.submissions import Submission
from mlcc_ray.settings import address_of

STOP = "stop"
CHECKPOINTS = "checkpoints"


def stop(context: Context, name: str) -> None:
    """Ask a job to stop; one that is over is left as it is.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: storage or cluster cannot be asked.
    """
    state = describe(context, name)
    if state.final:
        return
    mirror = Mirror(context, name)
    known = submissions.read(mirror.storage, name)
    mirror.storage.write(mirror.path(STOP), b"")
    try:
        for submission in known[-1:]:
            found = submissions.look(submission, address_of(context))
            cluster_at(found.address).stop(submission.id)
    except PlatformError:
        mirror.storage.remove(mirror.path(STOP))  # it goes on
        raise


def forget(context: Context, name: str) -> None:
    """Remove the checkpoints of a job that is over.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: storage or cluster cannot be asked.
    """
    if describe(context, name).final:
        mirror = Mirror(context, name)
        mirror.storage.remove(mirror.path(CHECKPOINTS))


def remove(context: Context, name: str) -> Sequence[str]:
    """Remove a job that is over: from the storage, from its cluster, and from the project.

    Args:
        context: the surroundings of the project.
        name: of the job.

    Returns:
        A line for the user on each.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it is not over, or cannot be removed.
    """
    if not describe(context, name).final:
        raise PlatformError(f"The job {name} is not over.", hint=f"mlcc stop {name}")
    mirror = Mirror(context, name)
    lines = [_forgotten(each, context) for each in submissions.read(mirror.storage, name)]
    mirror.storage.remove(mirror.path("request.json"))
    mirror.storage.remove(f"{JOBS}/{name}")
    lines.append(f"Removed {mirror.storage.address(f'{JOBS}/{name}')}.")
    if mirror.folder.path.is_dir():
        lines += folders.remove(mirror.folder)
    return lines


def _forgotten(submission: Submission, context: Context) -> str:
    cluster = submissions.cluster_of(submission, context)
    try:
        cluster.delete(submission.id)
    except PlatformError as error:
        return f"The cluster keeps {submission.id}: {error.what}"
    return f"Removed {submission.id} from the cluster {cluster.address}."
