"""A project: a folder with ``do/config``; its settings, its lock, and how one is made."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.config import Config, read_config, write_variables
from mlcc_core.errors import MlccError

CONFIG = Path("do") / "config"
PROJECT_NAME = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,31}\Z")
"""Project names begin job names, which platforms hold to letters, digits and single hyphens."""

STATE_PREFIXES = ("TUNE_JOB_NAME_", "TUNE_ADAPTER_PATH_", "TUNE_MODEL_PATH_", "TUNE_OUTPUT_")
"""Variables that record what happened: the file alone says it, never the environment."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project on disk.

    Attributes:
        root: its folder, absolute.
    """

    root: Path

    @staticmethod
    def find(start: Path | None = None) -> Project:
        """The project of the current folder, or of the nearest one above it.

        ``MLCC_PROJECT`` names it outright (the scripts in ``do/`` set it).

        Raises:
            MlccError: there is none.
        """
        named = os.environ.get("MLCC_PROJECT")
        if start is None and named:
            start = Path(named)
            if not (start / CONFIG).is_file():
                raise MlccError(
                    f"MLCC_PROJECT is {named!r}, which has no do/config.", hint=f"mlcc init {named}"
                )
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return Project(folder)
        raise MlccError(
            f"{start} is no mlcc project: neither it nor a folder above has do/config.",
            hint="mlcc init .   # makes one here",
        )

    @property
    def config_path(self) -> Path:
        return self.root / CONFIG

    @property
    def state_folder(self) -> Path:
        """Run records and what platforms keep on this machine."""
        return self.root / ".mlcc"

    def config(self) -> Config:
        return read_config(self.config_path)

    def settings(self) -> Settings:
        return Settings(self.config(), os.environ)

    def set(self, values: Mapping[str, str | None]) -> None:
        """Write variables to ``do/config``; the caller need not hold the lock."""
        with self.lock():
            write_variables(self.config_path, values)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the project's lock, across processes; not re-entrant."""
        self.state_folder.mkdir(exist_ok=True)
        with (self.state_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Settings(Mapping[str, str]):
    """Variables of a project: the environment beats ``do/config``, except for recorded state."""

    def __init__(self, config: Config, environment: Mapping[str, str]) -> None:
        self.config = config
        self._environment = environment

    def __getitem__(self, name: str) -> str:
        value = None if name.startswith(STATE_PREFIXES) else self._environment.get(name)
        value = value or self.config.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.config.known(), *self._environment)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    @property
    def project_name(self) -> str:
        """``PROJECT_NAME``, checked.

        Raises:
            MlccError: it is missing or no name that job names can begin with.
        """
        name = self.get("PROJECT_NAME") or self.config.path.parent.parent.name
        return check_project_name(name, where=f"PROJECT_NAME in {self.config.path}")


def check_project_name(name: str, *, where: str) -> str:
    """``name`` itself, if job names can begin with it.

    Raises:
        MlccError: it is not 1 to 32 letters, digits and single hyphens between them.
    """
    if len(name) > 32 or not PROJECT_NAME.match(name):
        raise MlccError(
            f"The project name {name!r} does not fit: expected at most 32 letters, digits and "
            "single hyphens, beginning and ending with a letter or digit.",
            where=where,
            hint=f"use a name like {suggest_project_name(name)!r}",
        )
    return name


def suggest_project_name(text: str) -> str:
    """A valid project name that resembles ``text``."""
    cleaned = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:32].strip("-")
    return cleaned or "my-project"
