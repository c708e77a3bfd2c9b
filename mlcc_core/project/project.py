"""A project: a folder with ``do/config``; its settings and its lock."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.project.config import Config, read_config, write_variables
from mlcc_core.project.hints import init_command

CONFIG = Path("do") / "config"
PROJECT_NAME = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,31}\Z")
"""Project names begin job names, which platforms hold to letters, digits and single hyphens."""

STATE_PREFIXES = (
    *("TUNE_JOB_NAME_", "TUNE_ADAPTER_PATH_", "TUNE_MODEL_PATH_", "TUNE_OUTPUT_"),
    "TUNE_TECHNIQUE_LATEST",
)
"""Variables that record what happened: the file alone says it, never the environment."""

GITIGNORE = "# What mlcc keeps on this machine: staged data, jobs, run records.\n*\n"

HELD = threading.local()
"""The locks that each thread holds."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project on disk.

    Attributes:
        root: its folder, absolute.
    """

    root: Path

    @staticmethod
    def find(start: Path | None = None) -> Project:
        """Find the project of the current folder, or of the nearest one above it.

        ``MLCC_PROJECT`` names it outright (the scripts in ``do/`` set it).

        Raises:
            MlccError: there is none.
        """
        named = os.environ.get("MLCC_PROJECT")
        if start is None and named:
            start = Path(named)
            if not (start / CONFIG).is_file():
                raise MlccError(
                    f"{start.resolve()} has no do/config, expected a project (MLCC_PROJECT, which "
                    "the scripts in do/ set, names it).",
                    where="MLCC_PROJECT",
                    hint=init_command(start.resolve()),
                )
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return Project(folder)
        raise MlccError(
            f"{start} is not an mlcc project: neither it nor a folder above has do/config.",
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
        """Write variables to ``do/config``; ``None`` removes one."""
        with self.lock():
            write_variables(self.config_path, values)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the project's lock, across threads and processes; who holds it may take it again.

        Raises:
            PlatformError: the project's folder cannot be written.
        """
        path = self.state_folder / "lock"
        held = HELD.__dict__.setdefault("paths", set())
        if path in held:
            yield
            return
        with disk_errors(path):
            self.make_state_folder()
            file = path.open("a")
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            held.add(path)
            try:
                yield
            finally:
                held.remove(path)

    def make_state_folder(self) -> None:
        """Make ``.mlcc``, and have git ignore it, unless that is done."""
        ignore = self.state_folder / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, GITIGNORE.encode())


class Settings(Mapping[str, str]):
    """Variables of a project: the environment beats ``do/config``, except for recorded state.

    A variable that is set to nothing counts as not set, in both. Looking one up raises
    ``MlccError`` when only a shell could expand its value.
    """

    def __init__(self, config: Config, environment: Mapping[str, str]) -> None:
        self.config = config
        self._environment = environment

    def __getitem__(self, name: str) -> str:
        value = self._from_environment(name) or self.config.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys((*(a.name for a in self.config.assignments), *self._environment))
        known = self.config.known()
        return (name for name in names if self._from_environment(name) or known.get(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _from_environment(self, name: str) -> str | None:
        return None if name.startswith(STATE_PREFIXES) else self._environment.get(name)

    @property
    def project_name(self) -> str:
        """Return ``PROJECT_NAME``, checked.

        Raises:
            MlccError: it is missing or no name that job names can begin with.
        """
        root = self.config.path.parent.parent
        name = self.get("PROJECT_NAME") or root.name
        return check_project_name(name, root, where="PROJECT_NAME")


def check_project_name(name: str, root: Path, *, where: str) -> str:
    """Return ``name`` itself, if job names can begin with it.

    Args:
        name: the project's name.
        root: the project's folder, for the command that mends it.
        where: the flag or variable that the name came from.

    Raises:
        MlccError: it is not 1 to 32 letters, digits and single hyphens between them.
    """
    if len(name) > 32 or not PROJECT_NAME.match(name):
        raise MlccError(
            f"The project name {name!r} does not fit: expected at most 32 letters, digits and "
            "single hyphens, beginning and ending with a letter or digit.",
            where=where,
            hint=init_command(root, f"--name {suggest_project_name(name)}"),
        )
    return name


def suggest_project_name(text: str) -> str:
    """Return a valid project name that resembles ``text``."""
    cleaned = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:32].strip("-")
    return cleaned or "my-project"
