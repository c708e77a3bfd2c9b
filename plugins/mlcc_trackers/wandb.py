"""Weights & Biases, online or, with ``WANDB_MODE=offline``, in a folder."""

from __future__ import annotations

import netrc
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlcc_core import MlccError
from mlcc_trackers.tracker import Ending, Point, Tracker

ONLINE = ("", "online", "run", "shared")
"""Values of ``WANDB_MODE`` with which a server is asked, and a key is needed."""


class WandbTracker(Tracker):
    """A run of Weights & Biases whose id is the name of the job."""

    name = "wandb"
    module = "wandb"
    requirement = "wandb"
    active: Any = None

    @classmethod
    def check(cls, settings: Mapping[str, str]) -> None:
        super().check(settings)
        if os.environ.get("WANDB_MODE", "") in ONLINE and not _has_key():
            raise MlccError(
                "--tracker wandb needs to be logged in, or to work offline.",
                where="--tracker",
                hint="wandb login   # or: export WANDB_MODE=offline",
            )

    @property
    def place(self) -> str:
        return f"Weights & Biases, project {self._project}"

    @property
    def _project(self) -> str:
        return os.environ.get("WANDB_PROJECT") or self.run.project

    def load(self) -> None:
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb  # noqa: F401 - to have it

    def start(self) -> None:
        import wandb

        self.active = wandb.init(
            project=self._project,
            id=self.run.name,
            name=self.run.name,
            resume="allow",
            reinit="create_new",
            dir=self.run.root / ".mlcc",
            config={**self.run.tags, **self.run.settings},
            settings=wandb.Settings(
                silent=True, console="off", init_timeout=5, disable_code=True, disable_git=True
            ),
        )

    def log(self, points: Sequence[Point]) -> None:
        for point in points:
            self.active.log(dict(point.numbers), step=point.step)

    def finish(self, ending: Ending) -> None:
        self.active.finish(exit_code=0 if ending == "completed" else 1)
        self.active = None

    def summarize(self, numbers: Mapping[str, float], tags: Mapping[str, str]) -> None:
        self.active.summary.update({**numbers, **tags})

    def close(self) -> None:
        if self.active is not None:
            self.active.finish()


def _has_key() -> bool:
    """Return whether a key is at hand; without one the package asks on the terminal."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        return host is not None and netrc.netrc(str(path)).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
