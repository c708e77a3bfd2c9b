"""``init``: a new project, or the scripts that an older one lacks."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlcc_core.actions.settings import setting_checks
from mlcc_core.errors import MlccError
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.project.hints import init_command
from mlcc_core.project.new_project import create_project, update_project
from mlcc_core.project.project import Project

SHOWN = ("PROJECT_NAME", "PLATFORM", "MODEL_ID", "AWS_REGION")
"""Variables of do/config that may be shown: the file may hold anything, secrets included."""

MODEL_HINT = re.compile(r"(?:pass )?--model (?P<model>\S.*?)(?P<remark>   # .*)?\Z")
"""A platform's hint, which knows the flag and not the command."""


@dataclass(frozen=True)
class InitRequest:
    """One call of ``init``.

    Attributes:
        folder: becomes the project.
        platform: by default the one that says it is the default.
        model: ``MODEL_ID``; by default the platform's default model, if it has one.
        name: ``PROJECT_NAME``; by default made from the folder's name.
        region: ``AWS_REGION``.
        update: only add the scripts that the project lacks.
    """

    folder: str | Path
    platform: str | None = None
    model: str | None = None
    name: str | None = None
    region: str | None = None
    update: bool = False

    def command_line(self, model: str | None = None) -> str:
        """Return the command that asks for the same, or for another model."""
        flags = {
            "--platform": self.platform,
            "--model": model or self.model,
            "--name": self.name,
            "--region": self.region,
        }
        words = [
            word for flag, value in flags.items() if value for word in (flag, shlex.quote(value))
        ]
        return init_command(self.folder, *words)


@dataclass(frozen=True)
class InitResult:
    """The result of ``init``.

    Attributes:
        project: the project.
        existed: it was a project already; only the missing parts were written.
        added: names of the scripts in ``do/`` that were written.
        settings: the variables of ``do/config`` that may be shown.
        note: the platform's remark on the model, if it has one.
        needed: variables that the platform needs and that have no value yet.
    """

    project: Project
    existed: bool
    added: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    needed: tuple[str, ...] = ()


def init_project(request: InitRequest, plugins: Plugins | None = None) -> InitResult:
    """Make a folder a project; run again, write the missing parts and the given settings.

    Args:
        request: the folder, and settings for it.
        plugins: ``None`` loads the installed ones.

    Raises:
        MlccError: an unknown platform, a name or value that does not fit, a file in the way;
            for an update, a setting was given, or the folder is not in a project.
        PlatformError: the folder cannot be written.
    """
    if request.update:
        return _update(request)
    if not str(request.folder).strip():
        raise MlccError("DIR is empty, expected a folder.", where="DIR", hint="mlcc init .")
    plugins = plugins or build_manager()
    try:
        made = create_project(
            Path(request.folder),
            plugins,
            platform=request.platform,
            model=request.model,
            name=request.name,
            region=request.region,
        )
    except MlccError as error:
        error.hint = _whole(error.hint, request)
        raise
    known = made.project.config().known()
    settings = {key: known[key] for key in SHOWN if known.get(key)}
    chosen = plugins.platforms.get(settings.get("PLATFORM", ""))
    note = chosen.model_note(settings.get("MODEL_ID", "")) if chosen is not None else None
    declared = chosen.settings if chosen is not None else ()
    checks = setting_checks(declared, {**known, **os.environ})
    needed = tuple(check.name for check in checks if check.state == "missing")
    return InitResult(made.project, made.existed, made.added, settings, note, needed)


def _whole(hint: str | None, request: InitRequest) -> str | None:
    """Return a hint of ``--model`` alone as the whole command; others as they are."""
    found = MODEL_HINT.match(hint or "")
    if found is None:
        return hint
    return request.command_line(model=shlex.split(found["model"])[0]) + (found["remark"] or "")


def _update(request: InitRequest) -> InitResult:
    values = {
        "--platform": request.platform,
        "--model": request.model,
        "--name": request.name,
        "--region": request.region,
    }
    given = [flag for flag, value in values.items() if value]
    if given:
        raise MlccError(
            f"{', '.join(given)} cannot go with --update, which changes no setting.",
            where="--update",
            hint=init_command(request.folder, f"{given[0]} VALUE"),
        )
    made = update_project(Path(request.folder))
    return InitResult(made.project, made.existed, made.added)
