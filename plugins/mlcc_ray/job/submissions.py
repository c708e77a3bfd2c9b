"""The submissions of a job: the first one, and those under which it went on.

The core knows one job, ``demo-sft-1a2b3c4d-1``; the cluster knows a submission of that id, and then
``demo-sft-1a2b3c4d-1-c2``, ``…-c3``. The job's folder in the storage lists them, each written down
before it is sent: a cluster that is started anew has forgotten them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from mlcc_core import Context, MlccError, PlatformError
from mlcc_ray.api.cluster import Cluster, RayJob, cluster_at
from mlcc_ray.api.nodes import look_at_nodes
from mlcc_ray.settings import address_of
from mlcc_ray.storage import Storage

FILE = "submissions.json"


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission.

    Attributes:
        id: of the cluster's job.
        address: of the cluster.
        head: the id of its head node, by which a cluster that was started anew is told.
        time: seconds since 1970.
    """

    id: str
    address: str
    head: str | None
    time: float


@dataclass(frozen=True, slots=True)
class Found:
    """A submission as its cluster tells of it.

    Attributes:
        job: ``None`` where no cluster knows it.
        address: of the cluster that was asked last.
        anew: the cluster that took it is gone, or was started anew.
    """

    job: RayJob | None
    address: str
    anew: bool = False


def submission_id(name: str, number: int) -> str:
    """Return the id of a submission; the first one has the job's name.

    Example:
        >>> submission_id("demo-sft-1a2b3c4d-1", 2)
        'demo-sft-1a2b3c4d-1-c2'
    """
    return name if number == 1 else f"{name}-c{number}"


def read(storage: Storage, name: str) -> Sequence[Submission]:
    """Return the submissions of a job, in order; none for one that was never sent.

    Raises:
        PlatformError: the storage cannot be read, or the list is damaged.
    """
    raw = storage.read_or_none(path_of(name))
    return () if raw is None else parse(raw, storage.address(path_of(name)))


def parse(raw: bytes, place: str) -> Sequence[Submission]:
    """Return the submissions that a list has.

    Raises:
        PlatformError: it is damaged.
    """
    try:
        documents: list[Mapping[str, Any]] = json.loads(raw)
        return tuple(Submission(**each) for each in documents)
    except (ValueError, TypeError):
        raise PlatformError(
            f"The list of submissions {place} is damaged.", hint="mlcc runs list"
        ) from None


def write(storage: Storage, name: str, submissions: Sequence[Submission]) -> None:
    """Write down the submissions of a job, the one that is about to be sent among them.

    Raises:
        PlatformError: the storage refuses.
    """
    text = json.dumps([asdict(each) for each in submissions], indent=2) + "\n"
    storage.write(path_of(name), text.encode())


def path_of(name: str) -> str:
    """Return the path of the list in the storage."""
    return f"jobs/{name}/{FILE}"


def begun_at(address: str, job: str) -> Submission:
    """Return a submission to a cluster, as of now.

    Raises:
        PlatformError: the cluster cannot be asked.
    """
    return Submission(job, address, look_at_nodes(cluster_at(address)).head, time.time())


def look(submission: Submission, address: str) -> Found:
    """Ask for a submission: the cluster that is named now, and the one that took it.

    Args:
        submission: to look for.
        address: of the cluster that the project names now.

    Raises:
        PlatformError: no cluster can be asked that may run it.
    """
    cluster = cluster_at(address)
    found = cluster.find(submission.id)
    if found is not None:
        return Found(found, address)
    if address == submission.address:
        return Found(None, address, anew=look_at_nodes(cluster).head != submission.head)
    try:
        elsewhere = cluster_at(submission.address).find(submission.id)
    except PlatformError:
        return Found(None, address, anew=True)  # gone, and the job with it
    return Found(elsewhere, submission.address, anew=elsewhere is None)


def cluster_of(submission: Submission, context: Context) -> Cluster:
    """Return the cluster that has a submission, by the address that leads there from here.

    The one that is noted may be that of another machine: a tunnel of its own.
    """
    with suppress(MlccError):
        now = cluster_at(address_of(context))
        if now.address != submission.address and now.find(submission.id) is not None:
            return now
    return cluster_at(submission.address)
