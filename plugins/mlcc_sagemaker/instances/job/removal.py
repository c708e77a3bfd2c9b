"""Removing what jobs keep in S3."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Context, PlatformError
from mlcc_core.helpers import plural
from mlcc_sagemaker.instances.job.jobs import Known
from mlcc_sagemaker.instances.job.kept import checkpoints_of, folders_of, remove_below


def forget(context: Context, name: str, known: Known) -> None:
    """Remove the checkpoints of a job that is over, as another attempt takes its place.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: S3 refuses.
    """
    chain = known.look(context, name)
    uri = checkpoints_of(chain)
    if uri is not None and chain.over:
        remove_below(context, uri)


def remove(context: Context, name: str, known: Known) -> Sequence[str]:
    """Remove the output and the checkpoints of a job that is over; lines for the user.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it is not over, or S3 refuses.
    """
    chain = known.look(context, name)
    if not chain.over:
        raise PlatformError(f"The job {name} is not over.", hint=f"mlcc stop {name}")
    counts = {uri: remove_below(context, uri) for uri in folders_of(chain)}
    return (
        *(f"Removed {uri} ({plural(count, 'object')})." for uri, count in counts.items() if count),
        "SageMaker keeps its own record of the job, and CloudWatch its log.",
    )
