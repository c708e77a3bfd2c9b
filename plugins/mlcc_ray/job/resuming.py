"""Going on with a job that was interrupted: one further submission, never two at a time."""

from __future__ import annotations

from mlcc_core import Context, PlatformError
from mlcc_core.helpers import restored_paths
from mlcc_engine.job_result import FILE as RESULT
from mlcc_folders.job.folders import read_document
from mlcc_ray.job import submissions
from mlcc_ray.job.describing import describe
from mlcc_ray.job.mirror import Mirror
from mlcc_ray.job.submission import Unborn, send
from mlcc_ray.settings import address_of


def resume(context: Context, name: str) -> None:
    """Submit a job again: the same request, the same checkpoints, the next id.

    Another terminal, or a lost answer, may have created it already, which is as good.

    Args:
        context: the surroundings of the project.
        name: of the job.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it is not interrupted any more, or was not created.
    """
    state = describe(context, name)
    if not state.interrupted:
        raise PlatformError(f"The job {name} is {state.status}, so it cannot go on.")
    mirror = Mirror(context, name)
    proof = read_document(mirror.folder.proof)
    if proof is None:
        raise PlatformError(f"Cannot go on with the job: {mirror.folder.proof} is damaged.")
    body = restored_paths(mirror.folder.root, proof)
    known = list(submissions.read(mirror.storage, name))
    if known and not _was_sent(context, known[-1]):
        known.pop()  # its id is free: under it, what is still on its way cannot come twice
    mirror.storage.remove(mirror.path(RESULT))
    try:
        send(context, mirror, body, known)
    except Unborn as error:
        raise error.cause from None


def _was_sent(context: Context, submission: submissions.Submission) -> bool:
    """Return whether a cluster has a submission, or had it."""
    found = submissions.look(submission, address_of(context))
    return found.job is not None or found.anew
