"""The entry point of a Ray job: has Ray Train run the workers, and says how that ended."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from types import FrameType

from mlcc_core import MlccError
from mlcc_core.helpers import one_line
from mlcc_engine import job_result
from mlcc_engine.job_result import JobResult
from mlcc_ray.cluster import attempts
from mlcc_ray.cluster.place import DRIVER, END, ENDED, STATE, STOP, Place
from mlcc_ray.cluster.preparing import another_python, lacking, own_folder
from mlcc_ray.cluster.training import Wanted, run

SETTINGS = {
    "RAY_TRAIN_V2_ENABLED": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "1",
    # A cluster may have no room for long, or grow on demand: one day.
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "86400",
    # It shows each line twice.
    "RAY_TRAIN_ENABLE_PRINT_PATCH": "0",
    # One more process, for notices that we do not ask for: a machine that is gone is noticed.
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
}
"""Of Ray Train, where the user has not set them."""

STOP_WAIT = "RAY_JOB_STOP_WAIT_TIME_S"
"""The environment variable with the seconds after which Ray kills a job that it told to end."""

USUAL_WAIT, MARGIN = 3.0, 0.7
"""Seconds: that Ray waits by itself, and that are left for our own end."""

LOOK = 0.1
"""Seconds from one look for the workers' end to the next."""

STOPPED = JobResult("stopped", reason="it was asked to stop")

INTERRUPTED = JobResult(
    "failed",
    fault="platform",
    reason="The job was told to end: its cluster, or one of its machines, shuts down.",
    hint="run the same mlcc command again: it goes on from the last checkpoint",
)

REPLACED = JobResult(
    "failed",
    fault="platform",
    reason="The job goes on elsewhere, by a driver that was started after this one.",
)
"""The end of a driver whose cluster was thought to be gone: its job is not its own any more."""


def main(uri: str, name: str) -> int:
    """Run a job to its end.

    Args:
        uri: of the storage.
        name: of the job.

    Returns:
        The exit code of the process, as documented.
    """
    signal.signal(signal.SIGTERM, _raise)
    os.environ.update({key: os.environ.get(key, value) for key, value in SETTINGS.items()})
    node = socket.gethostname()
    try:
        if uri.startswith("s3://") and find_spec("boto3") is None:
            return said(lacking(["boto3"], node))
        return said(Driver(Place.at(uri, name)).run())
    except KeyboardInterrupt:
        return said(INTERRUPTED)
    except MlccError as error:
        failed = job_result.failure(error)
        return said(replace(failed, reason=f"On the cluster's node {node}: {failed.reason}"))


def said(result: JobResult) -> int:
    """Print how a job ended, and return its exit code."""
    if result.state == "completed":
        print(f"✅ completed: {result.output}", flush=True)
    else:
        hint = f" Hint: {result.hint}" if result.hint else ""
        print(f"❌ {result.reason}{hint}", flush=True)
    return int(result.exit_code)


class Driver:
    """The driver of a job.

    Args:
        place: of the job, in the storage.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._mark = uuid.uuid4().hex

    def run(self) -> JobResult:
        """Train, and return how that ended.

        Raises:
            MlccError: the storage cannot be read or written.
        """
        try:
            return self._run()
        except KeyboardInterrupt:
            return self._told()

    def _run(self) -> JobResult:
        place = self._place
        body = place.request()
        known = place.result()
        if known is not None and not known.interrupted:
            return known
        if known is not None:
            place.storage.remove(place.path(job_result.FILE))
        if place.has(STOP):
            return place.end(STOPPED)
        place.storage.write(place.path(DRIVER), self._mark.encode())
        place.storage.remove(place.path(END))
        attempts.forget(place)
        if find_spec("ray") is None:
            return place.end(another_python(socket.gethostname()))
        if missing := [name for name in ("torch", "pyarrow") if find_spec(name) is None]:
            return place.end(lacking(missing, socket.gethostname()))
        place.tell("waiting")
        return self._ended(self._fit(Wanted.of(body)))

    def _fit(self, wanted: Wanted) -> JobResult | None:
        """Have Ray Train run the workers; return what the first one says of the end, if it does."""
        import ray

        try:
            ray.init(address="auto", log_to_driver=True)
            # Ray has put a handler of its own in the place of ours.
            signal.signal(signal.SIGTERM, _raise)
            print(f"{wanted.workers} workers, each with {wanted.words()} ...", flush=True)
            with own_folder(f"{self._place.name}.driver") as folder:
                config = {"storage": self._place.storage.uri, "name": self._place.name}
                return run({**config, "driver": self._mark}, wanted, str(folder))
        except MlccError:
            raise
        except Exception as error:  # of Ray, which has many
            return JobResult(
                "failed", fault="platform", reason=f"Ray Train failed: {one_line(error)}"
            )

    def _ended(self, told: JobResult | None) -> JobResult:
        """Return how the job ended: as the storage has it, else as the first worker said."""
        known = self._place.result()
        if known is not None:
            return known
        if self._replaced():
            return REPLACED
        if self._place.has(END):
            return INTERRUPTED
        nothing = JobResult(
            "failed", fault="platform", reason="The workers ended without a result."
        )
        return self._place.end(told or nothing)

    def _told(self) -> JobResult:
        """End the workers; a job that its user has not stopped saves a checkpoint, and goes on."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stopped, replaced = self._place.has(STOP), self._replaced()
        if not stopped and not replaced:
            self._place.storage.write(self._place.path(END), b"")
            self._wait(float(os.environ.get(STOP_WAIT, USUAL_WAIT)) - MARGIN)
        with suppress(Exception):  # the cluster may be gone, or Ray imported by half
            vars(sys.modules["ray"])["shutdown"]()
        known = self._place.result()
        if known is not None:
            return known
        if replaced:
            return REPLACED
        if not stopped:
            return INTERRUPTED
        ended = self._place.end(STOPPED)
        self._place.clear()
        return ended

    def _replaced(self) -> bool:
        """Return whether another driver runs this job: it began, and put its mark over ours."""
        mark = self._place.storage.read_or_none(self._place.path(DRIVER))
        return mark is not None and mark != self._mark.encode()

    def _wait(self, seconds: float) -> None:
        """Wait until the workers have ended, at most so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if (self._place.read(STATE) or {}).get("state") == ENDED:
                return
            time.sleep(LOOK)


def _raise(_signum: int, _frame: FrameType | None) -> None:
    # The one exception, beside SystemExit, that reaches us from within a call of Ray.
    raise KeyboardInterrupt
