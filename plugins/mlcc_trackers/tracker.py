"""The interface of trackers: the one place where it is decided what each of them is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from mlcc_core.helpers import install_command, require_package

Ending = Literal["completed", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """A run as trackers see it.

    Attributes:
        name: of the job, by which the tracker's run is found again; of the target for an
            evaluation of a model that no job made.
        project: the project's name.
        root: the project's folder.
        tags: dataset, model, technique, platform.
        settings: what decides the result, by name; under ``origin/NAME`` what gave it.
    """

    name: str
    project: str
    root: Path
    tags: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers of one step.

    Attributes:
        step: of the optimizer; 0 where there is none.
        when: in seconds since 1970, UTC.
        numbers: by name; all are finite.
    """

    step: int
    when: float
    numbers: Mapping[str, float]


class Tracker(ABC):
    """One run at a place where runs are tracked. A thread calls it, one method at a time.

    Every method may raise: it is called again later. ``reach``, ``load`` and ``start`` come first.

    Attributes:
        made: ``start`` made the run, which it did not find.
        name: the value of ``--tracker``.
        module: the Python module that it needs.
        requirement: what pip installs for that.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    requirement: ClassVar[str]
    made = False

    def __init__(self, run: TrackedRun, settings: Mapping[str, str]) -> None:
        self.run = run
        self.variables = settings

    @classmethod
    def check(cls, settings: Mapping[str, str]) -> None:  # noqa: ARG003 - others look at it
        """Refuse what cannot work, before a job exists.

        Args:
            settings: ``do/config`` under the environment.

        Raises:
            MlccError: a package or a setting is missing.
        """
        install = install_command(cls.requirement)
        require_package(cls.module, purpose=f"--tracker {cls.name}", install=install)

    @property
    @abstractmethod
    def place(self) -> str:
        """The place in words, without a secret: ``MLflow at http://127.0.0.1:5000``."""

    def reach(self) -> None:  # noqa: B027 - optional
        """See that the server answers, before a package is imported for it that takes seconds."""

    @abstractmethod
    def load(self) -> None:
        """Import the package, which may take a while; ask no server."""

    @abstractmethod
    def start(self) -> None:
        """Find the run by its name, or make it with its tags and settings."""

    @abstractmethod
    def log(self, points: Sequence[Point]) -> None:
        """Log numbers of steps."""

    @abstractmethod
    def finish(self, ending: Ending) -> None:
        """Mark the end of the run."""

    @abstractmethod
    def summarize(self, numbers: Mapping[str, float], tags: Mapping[str, str]) -> None:
        """Log numbers that belong to the run as a whole, with their tags."""

    def attach(self, name: str, document: Mapping[str, object]) -> None:  # noqa: B027 - optional
        """Keep a JSON document with the run, where the tracker keeps files."""

    def close(self) -> None:  # noqa: B027 - optional
        """Let go of the run as it is: this process has nothing more to tell of it."""
