"""Creating a job: everything it reads is in the storage before the cluster is asked, once."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlcc_core import Context, MlccError, PlatformError, Request
from mlcc_core.helpers import disk_errors, stored_paths
from mlcc_folders.job import outputs
from mlcc_folders.job.folders import JOB_NAME
from mlcc_ray.api.cluster import Cluster, cluster_at
from mlcc_ray.api.errors import JobExists
from mlcc_ray.code.packages import gathered
from mlcc_ray.code.requirements import as_runtime_env
from mlcc_ray.job import submissions
from mlcc_ray.job.mirror import JOBS, PROOF, REQUEST, Mirror, as_bytes
from mlcc_ray.job.submissions import Submission, submission_id
from mlcc_ray.request.evaluator import FILES
from mlcc_ray.request.request import require_no_gaps
from mlcc_ray.settings import address_of, shared_settings

MODULE = "mlcc_ray.cluster"

STOP_WAIT, STOP_SECONDS = "RAY_JOB_STOP_WAIT_TIME_S", "60"
"""The environment variable with the seconds that a job has to save its last step once it is told to
end, and their number; by itself Ray gives it 3."""

OUTPUT = "output"

MOST = 1000
"""Submissions of one job."""

WAITS = (0.0, 1.0, 2.0)
"""Seconds before each look for a job whose creation seemed to fail: it may be on its way."""


class Unborn(Exception):
    """A job was not created, for certain.

    Args:
        cause: why, for the user.
    """

    def __init__(self, cause: PlatformError) -> None:
        super().__init__(cause.what)
        self.cause = cause


def submit(context: Context, name: str, request: Request) -> None:
    """Create the job.

    The request appears in the storage before the cluster has the job: under its name it is found by
    whatever asks for it next, whether the cluster's answer came or not.

    Args:
        context: the surroundings of the project.
        name: of the job.
        request: as it was built.

    Raises:
        MlccError: ``name`` is not a job name, or the place of its output is taken.
        PlatformError: it was not created, or that is not known.
    """
    require_no_gaps(request)
    if not JOB_NAME.match(name):
        raise MlccError(f"{name!r} is not a job name: expected letters, digits and hyphens.")
    mirror = Mirror(context, name)
    if mirror.there():
        raise _exists(name)
    body: Mapping[str, Any] = request.body
    root = context.root.resolve()
    with disk_errors(doing=f"create the job {name}"):
        outputs.prepare(root, name)
    cluster = cluster_at(address_of(context))
    sent = submissions.begun_at(cluster.address, name)  # or nothing is brought anywhere
    _bring(context, mirror, body)
    _write_down(mirror, body, sent, root)
    try:
        begun = send(context, mirror, body, [])
    except Unborn as error:
        mirror.storage.remove(mirror.path(REQUEST))  # without which nothing runs, come what may
        mirror.storage.remove(f"{JOBS}/{name}")
        raise error.cause from None
    if not begun:
        raise _exists(name)


def send(
    context: Context, mirror: Mirror, body: Mapping[str, Any], earlier: Sequence[Submission]
) -> bool:
    """Have the cluster run a job whose request is in the storage.

    Args:
        context: the surroundings of the project.
        mirror: of the job.
        body: with what it imports and installs.
        earlier: submissions of the job; the new one is written down after them before it is sent.

    Returns:
        Whether this call created it: another terminal, or an earlier try, may have been faster.

    Raises:
        MlccError: a package that it imports is not here.
        Unborn: it was not created.
        PlatformError: it is not known whether it was.
    """
    storage, name = mirror.storage, mirror.name
    cluster = cluster_at(address_of(context))
    words = ("python", "-u", "-m", MODULE, storage.uri, name)
    packages: Sequence[str] = body["code"]["packages"]
    with gathered(packages) as folder:
        environment = {
            "working_dir": str(folder),
            "env_vars": {STOP_WAIT: STOP_SECONDS, **shared_settings(context.settings)},
            **as_runtime_env(body["packages"]),
        }
        for number in range(len(earlier) + 1, MOST + 1):
            sent = submissions.begun_at(cluster.address, submission_id(name, number))
            submissions.write(storage, name, [*earlier, sent])
            try:
                cluster.submit(sent.id, shlex.join(words), environment)
            except PlatformError as error:
                if _is_there(cluster, sent.id):
                    return True
                submissions.write(storage, name, earlier)
                raise Unborn(error) from None
            except JobExists:
                found = cluster.find(sent.id)
                if found is None or found.lives:
                    return False
                continue  # one of a job of that name that was removed here, and not there
            return True
    raise PlatformError(f"The job {name} was submitted {MOST} times; it does not go on.")


def _is_there(cluster: Cluster, job: str) -> bool:
    """Return whether a job exists although creating it seemed to fail.

    Raises:
        PlatformError: the cluster cannot be asked: it is not known.
    """
    for wait in WAITS:
        time.sleep(wait)
        if cluster.find(job) is not None:
            return True
    return False


def _bring(context: Context, mirror: Mirror, body: Mapping[str, Any]) -> None:
    """Bring to the storage what the request names: folders once, files for this job alone.

    Raises:
        PlatformError: one has changed since it was planned, or the storage refuses.
    """
    storage = mirror.storage
    for place, folder in body["uploads"].items():
        if not storage.is_whole(place):
            context.say(f"↑ {folder} to {storage.address(place)}")
            storage.upload(Path(folder), place)
    for name, file in body["files"].items():
        with disk_errors(doing=f"read {file['path']}"):
            data = Path(file["path"]).read_bytes()
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise PlatformError(
                f"{file['path']} has changed since the job was planned.",
                hint="run the same command again",
            )
        storage.write(mirror.path(f"{FILES}/{name}"), data)


def _write_down(mirror: Mirror, body: Mapping[str, Any], sent: Submission, root: Path) -> None:
    """Put request, proof and submission into the storage; the request comes last."""
    storage, name = mirror.storage, mirror.name
    proof = {part: body[part] for part in body if part != "request"}
    named = {"job": name, "output": storage.address(mirror.path(OUTPUT))}
    submissions.write(storage, name, [sent])
    storage.write(mirror.path(PROOF), as_bytes(stored_paths(root, proof)))
    storage.write(mirror.path(REQUEST), as_bytes({**body["request"], **named}))


def _exists(name: str) -> PlatformError:
    return PlatformError(
        f"The job {name} exists already; it is not started a second time.",
        hint="mlcc tune --status",
    )
