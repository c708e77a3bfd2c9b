"""The entry point of a Ray job: has Ray Train run the workers, and says how that ended."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
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
from mlcc_ray.cluster.place import DRIVER, END, STOP, Place
from mlcc_ray.cluster.training import Wanted, run

SETTINGS = {
    "RAY_TRAIN_V2_ENABLED": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "1",
    # It shows each line twice.
    "RAY_TRAIN_ENABLE_PRINT_PATCH": "0",
    # One more process, for notices that we do not ask for: a machine that is gone is noticed.
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
}
"""Of Ray Train, where the user has not set them."""

GRACE = 2.0
"""Seconds to hear of the workers' end once this process is told to end: Ray kills it after 3."""

STOPPED = JobResult("stopped", reason="it was asked to stop")


class ToldToEnd(BaseException):
    """The process was sent SIGTERM."""


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
    try:
        place = Place.at(uri, name)
        return said(Driver(place).run())
    except MlccError as error:
        failed = job_result.failure(error)
        node = socket.gethostname()
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
        place = self._place
        body = place.request()
        known = place.result()
        if known is not None and not known.interrupted:
            return known
        if known is not None:
            place.storage.remove(place.path(job_result.FILE))
        place.storage.write(place.path(DRIVER), self._mark.encode())
        place.storage.remove(place.path(END))
        attempts.forget(place)
        if missing := [name for name in ("torch", "pyarrow") if find_spec(name) is None]:
            return place.end(_lacking(missing))
        place.tell("waiting")
        try:
            return self._ended(self._fit(Wanted.of(body)))
        except ToldToEnd:
            return self._told()

    def _fit(self, wanted: Wanted) -> JobResult | None:
        """Have Ray Train run the workers; return what the first one says of the end, if it does."""
        import ray

        ray.init(address="auto", log_to_driver=True)
        # Ray has put a handler of its own in the place of ours.
        signal.signal(signal.SIGTERM, _raise)
        print(f"{wanted.workers} workers, each with {wanted.words()} ...", flush=True)
        try:
            with tempfile.TemporaryDirectory(prefix="mlcc-ray-") as folder:
                config = {"storage": self._place.storage.uri, "name": self._place.name}
                return run({**config, "driver": self._mark}, wanted, folder)
        except ToldToEnd:
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
        if self._place.has(END):
            return _interrupted()
        nothing = JobResult(
            "failed", fault="platform", reason="The workers ended without a result."
        )
        return self._place.end(told or nothing)

    def _told(self) -> JobResult:
        """End the workers; a job that its user has not stopped saves a checkpoint, and goes on."""
        import ray

        stopped = self._place.has(STOP)
        if not stopped:
            self._place.storage.write(self._place.path(END), b"")
            self._wait(GRACE)
        with suppress(Exception):  # the cluster may be gone
            ray.shutdown()
        known = self._place.result()
        if known is not None:
            return known
        return self._place.end(STOPPED) if stopped else _interrupted()

    def _wait(self, seconds: float) -> None:
        """Wait until the workers have ended; Ray may kill this process before."""
        with suppress(ToldToEnd):
            time.sleep(seconds)


def _interrupted() -> JobResult:
    return JobResult(
        "failed",
        fault="platform",
        reason="The job was told to end: its cluster, or one of its machines, shuts down.",
        hint="run the same mlcc command again: it goes on from the last checkpoint",
    )


def _lacking(packages: list[str]) -> JobResult:
    return JobResult(
        "failed",
        fault="input",
        reason=f"The Python of the cluster's node {socket.gethostname()} lacks "
        f"{', '.join(packages)}.",
        hint="name them in a file, one a line, and pass it: --packages requirements.txt",
    )


def _raise(_signum: int, _frame: FrameType | None) -> None:
    raise ToldToEnd
