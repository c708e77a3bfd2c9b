"""A job that follows a given course, one state a look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mlcc_core.contract.job import JobState, JobStatus, Progress, ReportedSpec
from mlcc_core.contract.platform.runner import JobNotFound

FINAL: tuple[JobStatus, ...] = ("completed", "failed", "stopped")
STEPS = 10
"""Steps that a fake job reports in each of its states."""


@dataclass
class FakeJob:
    """A job of :class:`~mlcc_core.testing.platform.FakePlatform`.

    Attributes:
        name: its name.
        body: the request as it arrived.
        course: the states to be described in, one a look, staying at the last.
        reason: the cause, should the course end in ``failed``.
        looks: how often it was looked at.
    """

    name: str
    body: Mapping[str, object]
    course: tuple[JobStatus, ...]
    reason: str
    looks: int = 0

    @classmethod
    def named(cls, jobs: Mapping[str, FakeJob], name: str) -> FakeJob:
        if name not in jobs:
            raise JobNotFound(f"No job is called {name!r}.")
        return jobs[name]

    @property
    def status(self) -> JobStatus:
        """Return its state, without moving it on."""
        return self.course[min(max(self.looks - 1, 0), len(self.course) - 1)]

    def next_state(
        self, read_spec: Callable[[Mapping[str, object]], ReportedSpec | None]
    ) -> JobState:
        self.looks += 1
        status = self.status
        reasons = {"failed": self.reason, "stopped": "it was asked to stop"}
        return JobState(
            name=self.name,
            status=status,
            phase=status.capitalize(),
            progress=None if status == "pending" else self._progress(),
            reported=read_spec(self.body),
            artifacts=f"fake://artifacts/{self.name}" if status == "completed" else None,
            reason=reasons.get(status),
            fault="job" if status == "failed" else None,
            started=0.0,
            ended=float(self.looks) if status in FINAL else None,
        )

    def stop(self) -> None:
        """Let the next looks find it stopping, then stopped; a finished one stays as it is."""
        if self.status not in FINAL:
            self.course = (*self.course[: self.looks], "stopping", "stopped")

    def log(self, *, to_the_end: bool) -> list[str]:
        if to_the_end:
            self.looks = max(self.looks, len(self.course))
        seen = self.course[: max(self.looks, 1)]
        return [f"{self.name}: {status}" for status in seen]

    def _progress(self) -> Progress:
        done, whole = min(self.looks, len(self.course)), len(self.course)
        return Progress(
            step=STEPS * done,
            steps=STEPS * whole,
            epoch=done / whole,
            epochs=1.0,
            loss=1.0 / done,
            seconds_left=float(whole - done),
        )
