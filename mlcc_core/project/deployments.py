"""Deployments that cost money, as this project remembers them: one small file a platform.

A file is written before the platform is called, so that a command that is killed leaves it, too.
Every command reads these files, for its reminders: no library is loaded to check them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.hints import removed
from mlcc_core.project.project import Project

FOLDER = "deployments"
"""The folder of the files, below the project's state."""

LATEST = 1e11
"""Seconds since 1970 that a file may name: later times, which no calendar has, are damage."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Something that this project began to deploy where it costs money while it stands.

    Attributes:
        platform: its name.
        began: in seconds since 1970, UTC.
        expires: when the user wants it taken down, likewise; ``None`` for no such time.
        hourly: US dollars an hour; ``None`` where that was not known.
    """

    platform: str
    began: float
    expires: float | None = None
    hourly: float | None = None


def remember_deployment(project: Project, deployment: Deployment) -> None:
    """Keep a deployment, in place of the earlier one on its platform.

    Raises:
        PlatformError: it cannot be written.
    """
    path = _path(project, deployment.platform)
    with disk_errors(path):
        project.make_state_folder()
        write_atomically(path, json.dumps(asdict(deployment)).encode())


def forget_deployment(project: Project, platform: str) -> None:
    """Remove what is remembered of a platform, if anything.

    Raises:
        PlatformError: it cannot be removed.
    """
    path = _path(project, platform)
    with disk_errors(path):
        path.unlink(missing_ok=True)


def remembered_deployment(project: Project, platform: str) -> Deployment | None:
    """Return the deployment on a platform; ``None`` where none is remembered.

    Raises:
        MlccError: its file cannot be understood.
        PlatformError: it cannot be read.
    """
    return _read(_path(project, platform))


def remembered_deployments(project: Project) -> Iterator[Deployment | MlccError]:
    """Yield every deployment that is remembered, by platform; an error for a damaged file."""
    try:
        paths = sorted((project.state_folder / FOLDER).iterdir())
    except OSError:
        return  # there is no such folder
    for path in paths:
        if path.suffix != ".json":
            continue  # the draft of a command that was killed
        try:
            found = _read(path)
        except MlccError as error:
            yield error
        else:
            if found is not None:
                yield found


def _path(project: Project, platform: str) -> Path:
    return project.state_folder / FOLDER / f"{platform}.json"


def _read(path: Path) -> Deployment | None:
    with disk_errors(path):
        data = path.read_bytes() if path.exists() else None
    if data is None:
        return None
    try:
        found = json.loads(data)
        expires, hourly = found["expires"], found["hourly"]
        return Deployment(
            str(found["platform"]),
            _number(found["began"]),
            None if expires is None else _number(expires),
            None if hourly is None else _number(hourly),
        )
    except (ValueError, TypeError, KeyError):
        raise MlccError(
            f"{path} cannot be read: expected what mlcc deploy wrote there.",
            hint=removed(path, "mlcc doctor shows what stands"),
        ) from None


def _number(value: object) -> float:
    """Return a number that a calendar has.

    Raises:
        ValueError: it is not one.
    """
    number = float(str(value))
    if not 0 <= number < LATEST:
        raise ValueError(number)
    return number
