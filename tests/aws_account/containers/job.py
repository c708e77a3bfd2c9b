"""A training job whose container runs, in a thread of its own, as the service shows it."""

from __future__ import annotations

import threading
from typing import Any, Literal

from tests.aws_account.account import Account, Params
from tests.aws_account.containers.machine.config import instances
from tests.aws_account.training.record import JobRecord

Wish = Literal["", "stop", "interrupt", "take", "lose", "clear"]
"""From outside: StopTrainingJob; spot instances that are taken with a warning or without one; an
instance that dies; the end of the account."""

PATIENCE = 30.0
"""Seconds after which something that containers should have done is not waited for."""


class InstanceJob(JobRecord):
    """A job on instances.

    Attributes:
        seconds: how long its instances have trained so far.
        wish: what somebody outside wants next; the job's thread fulfils it.
        changed: notified with each change of the job and each wish.
    """

    def __init__(self, request: Params, account: Account) -> None:
        super().__init__(request, account)
        self.seconds = 0.0
        self.wish: Wish = ""
        self.changed = threading.Condition()
        self.move("Starting", "Starting the training job")

    @property
    def instance_types(self) -> set[str]:
        return {kind for _, kind in instances(self.request)}

    def seen(self) -> dict[str, Any]:
        """Answer DescribeTrainingJob; looking changes nothing."""
        return self.shown()

    def stop(self) -> None:
        """Do what StopTrainingJob asks: the job is stopping when this returns."""
        self.move("Stopping", "Stopping the training job", "Stopping")
        with self.changed:
            self.wish = "stop"
            self.changed.notify_all()

    def move(self, secondary: str, message: str, status: str = "") -> None:
        """Be in another secondary status; a job that is being stopped goes no step forward."""
        with self._account.lock, self.changed:
            on_its_way = status or self.status != "Stopping"
            if secondary != self.secondary and on_its_way:
                now = self._account.clock.now()
                self._show(secondary, status or self.status, message, now)
                if secondary == "Downloading":
                    self.record.setdefault("TrainingStartTime", now)
            self.changed.notify_all()

    def finish(self, secondary: str, status: str, message: str, reason: str = "") -> None:
        """End in these statuses, for this reason."""
        with self._account.lock:
            self.move(secondary, message, status)
            began = "TrainingStartTime" in self.record
            seconds = self.seconds if began else None
            self._close(self._account.clock.now(), reason, seconds)

    def fulfil(self, wish: Wish, seconds: float) -> None:
        """Wish for something, and wait until it is so.

        Args:
            wish: what.
            seconds: how long its containers have to end.

        Raises:
            RuntimeError: the job has ended or is being stopped.
            TimeoutError: it took too long.
        """
        with self.changed:
            if self.status != "InProgress":
                raise RuntimeError(f"{self.name} is {self.status}")
            self.wish = wish
            self.changed.notify_all()
            done = self.changed.wait_for(lambda: self.wish != wish, seconds + PATIENCE)
        if not done:
            raise TimeoutError(f"{self.name} is still {self.secondary}")

    def fulfilled(self) -> None:
        """Have no wish left but those for the end of the job."""
        with self.changed:
            if self.wish not in ("stop", "clear"):
                self.wish = ""
            self.changed.notify_all()
