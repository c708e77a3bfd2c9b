"""Trackio: the tracker of Hugging Face, on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_trackers.tracker import Ending, Point, Tracker


class TrackioTracker(Tracker):
    """A run of Trackio, named as the job."""

    name = "trackio"
    module = "trackio"
    requirement = "trackio"
    active: Any = None

    @property
    def place(self) -> str:
        return f"Trackio (trackio show --project {self.run.project})"

    def load(self) -> None:
        import trackio  # noqa: F401 - to have it

    def start(self) -> None:
        import trackio

        self.active = trackio.init(
            project=self.run.project,
            name=self.run.name,
            resume="allow",
            config={**self.run.tags, **self.run.settings},
        )

    def log(self, points: Sequence[Point]) -> None:
        for point in points:
            self.active.log(dict(point.numbers), step=point.step)

    def finish(self, ending: Ending) -> None:
        self.close()

    def summarize(self, numbers: Mapping[str, float], tags: Mapping[str, str]) -> None:
        self.active.log({**numbers, **tags})

    def close(self) -> None:
        if self.active is not None:
            self.active.finish()
            self.active = None
