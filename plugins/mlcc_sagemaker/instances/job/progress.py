"""Every step that a job has logged, over all of its starts."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Context, Progress
from mlcc_folders.job.progress import steps_in
from mlcc_sagemaker.instances.job.chain import read_chain
from mlcc_sagemaker.instances.job.jobs import Known
from mlcc_sagemaker.instances.job.log.marks import PROGRESS, Marked

FRESH = 1.0
"""Seconds after a look in which its lines do: steps are told of right after each."""


def progress_since(context: Context, name: str, step: int, known: Known) -> Sequence[Progress]:
    """Return every step that a job has logged after ``step``, in order, each once.

    Args:
        context: the surroundings of the project.
        name: that the core gave it.
        step: 0 for all.
        known: what this process knows of the job: what a look has just seen is not asked again.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: its log cannot be read.
    """
    chain = known.chain or read_chain(context, name)

    def wanted(marked: Sequence[Marked]) -> bool:
        """Return whether there may be steps after ``step`` before these lines."""
        return not any(
            mark == PROGRESS and _step(document.get("step")) <= step for mark, document in marked
        )

    marked = known.log.marked(context, chain, wanted, FRESH)
    return steps_in([document for mark, document in marked if mark == PROGRESS], step)


def _step(value: object) -> float:
    return value if isinstance(value, (int, float)) else float("inf")
