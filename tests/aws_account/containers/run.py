"""The thread of one job: instances are acquired, taken, replaced, and their output is kept."""

from __future__ import annotations

import threading
import time
import traceback
from pathlib import Path

from tests.aws_account.containers.attempt import TICK, Attempt
from tests.aws_account.containers.job import InstanceJob
from tests.aws_account.containers.surroundings import Ending, Surroundings

NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a "
    "different ML instance type."
)
LOST = "InternalServerError: We encountered an internal error. Please try again."
"""The reason of a job whose instance died; public reports have no other one."""

TOO_LONG = "Training job runtime exceeded MaxRuntimeInSeconds provided"
WAITED = "Training job wait time exceeded MaxWaitTimeInSeconds provided"


class Run(threading.Thread):
    """The thread that runs a job to its end."""

    def __init__(self, job: InstanceJob, around: Surroundings, folder: Path) -> None:
        super().__init__(name=f"job {job.name}", daemon=True)
        self.job = job
        self._around = around
        self._folder = folder
        self._retries = job.request.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
        self.attempt: Attempt | None = None

    def run(self) -> None:
        try:
            self._go()
        except Exception:
            self._around.bugs.append(f"in job {self.job.name}: {traceback.format_exc()}")
            self.job.finish("Failed", "Failed", "Training job failed", LOST)
        finally:
            self.job.fulfilled()
            if self.attempt is not None:
                self.attempt.close()

    def _go(self) -> None:
        number = 0
        while self._acquire():
            number += 1
            if self.attempt is not None:
                self.attempt.close()
            self.attempt = Attempt(self.job, self._around, self._folder / str(number))
            ending = self.attempt.go()
            if ending.how in ("interrupted", "taken") and self.job.spot:
                self.job.move("Interrupted", "The spot instances were interrupted")
            elif ending.how in ("interrupted", "taken", "lost") and self._retries > 0:
                self._retries -= 1
                self.job.move("Restarting", "Restarting the training job")
            else:
                self._finish(ending, self.attempt)
                return
            self.job.fulfilled()
            self.job.move("Starting", "Starting the training job")

    def _acquire(self) -> bool:
        """Wait for instances; end the job and return False if there are none for it."""
        job = self.job
        while True:
            if job.wish == "clear":
                return False
            if job.wish == "stop":
                job.finish("Stopped", "Stopped", "Training job stopped")
                return False
            if self._around.waited(job):
                job.move("Stopping", "Stopping the training job", "Stopping")
                job.finish("MaxWaitTimeExceeded", "Stopped", WAITED)
                return False
            if self._around.has_capacity(job):
                return True
            if not job.spot:
                job.finish("Failed", "Failed", "Training job failed", NO_CAPACITY)
                return False
            job.fulfilled()
            time.sleep(TICK)

    def _finish(self, ending: Ending, attempt: Attempt) -> None:
        job = self.job
        if ending.how == "cleared":
            return
        if ending.how in ("interrupted", "taken", "lost", "refused"):
            job.finish("Failed", "Failed", "Training job failed", ending.reason or LOST)
            return
        stopped = ending.how != "exited"
        status = "Stopping" if stopped else "InProgress"
        job.move("Uploading", "Uploading generated training model", status)
        problem = attempt.upload()
        if ending.reason or problem:
            reason = ending.reason or problem
            job.finish("Failed", "Failed", "Training job failed", reason)
        elif ending.how == "too long":
            job.finish("MaxRuntimeExceeded", "Stopped", TOO_LONG)
        elif ending.how == "waited":
            job.finish("MaxWaitTimeExceeded", "Stopped", WAITED)
        elif stopped:
            job.finish("Stopped", "Stopped", "Training job stopped")
        else:
            job.finish("Completed", "Completed", "Training job completed")
