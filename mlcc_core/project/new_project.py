"""``init``: a folder with ``do/config`` and the scripts that run each command in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.helpers.disk import disk_error, disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.shell_word import write_word
from mlcc_core.loader.manager import Plugins
from mlcc_core.project.commands import COMMANDS
from mlcc_core.project.config import assignment_line
from mlcc_core.project.hints import init_command, removed_folder
from mlcc_core.project.project import CONFIG, Project, check_project_name, suggest_project_name

SCRIPT = """\
#!/bin/sh
# Runs `mlcc {command}` in this project, from whatever folder it is called.
if ! command -v mlcc >/dev/null 2>&1; then
    echo "❌ mlcc is not on the PATH: activate its environment, or: pip install mlcc" >&2
    exit 1
fi
MLCC_PROJECT="$(dirname -- "$0")/.." exec mlcc {command} "$@"
"""

HEADER = """\
# Settings of this project: read by mlcc (never executed), and safe to source in a shell.
# A flag beats an environment variable beats this file. Other lines are kept as they are.
"""


@dataclass(frozen=True, slots=True)
class NewProject:
    """The project that ``init`` made.

    Attributes:
        project: where.
        existed: it was a project already; only what was missing or asked for was written.
        added: names of the scripts in ``do/`` that were written.
    """

    project: Project
    existed: bool
    added: tuple[str, ...] = ()


def create_project(
    folder: Path,
    plugins: Plugins,
    *,
    platform: str | None = None,
    model: str | None = None,
    name: str | None = None,
    region: str | None = None,
) -> NewProject:
    """Make ``folder`` a project; run again, it writes the missing parts and the given settings.

    Args:
        folder: the project's folder; made if it is missing.
        plugins: the installed plugins.
        platform: the platform's name; by default the one that says it is the default.
        model: ``MODEL_ID``; by default the platform's default model, if it has one.
        name: ``PROJECT_NAME``; by default made from the folder's name.
        region: ``AWS_REGION``.

    Raises:
        MlccError: an unknown platform, a name or value that does not fit, a model that can be none
            on the platform, a file in the way.
        PlatformError: the folder cannot be written.
    """
    folder = folder.resolve()
    check_place(folder)
    given = {"--model": model, "--region": region}
    raise_all(
        MlccError(f"{flag} is empty, expected a value.", where=flag, hint="mlcc init --help")
        for flag, value in given.items()
        if value is not None and not value.strip()
    )
    existed = (folder / CONFIG).is_file()
    if name is not None:
        check_project_name(name, folder, where="--name")
    chosen = None if existed and platform is None else plugins.platform(platform)
    model = _kept_model(folder, plugins, chosen, model)
    values = {"PROJECT_NAME": name, "PLATFORM": platform, "MODEL_ID": model, "AWS_REGION": region}
    project = Project(folder)
    if chosen is not None and not existed:
        values["PROJECT_NAME"] = name or suggest_project_name(folder.name)
        values["PLATFORM"] = chosen.name
        values["MODEL_ID"] = model or chosen.default_model
        values["FRAMEWORK"] = "transformers"
        lines = [assignment_line(key, value) for key, value in values.items() if value]
        with _or_nothing(folder):
            text = HEADER + "".join((*lines, *_setting_lines(chosen, plugins)))
            write_atomically(folder / CONFIG, text.encode())
    else:
        project.set({key: value for key, value in values.items() if value is not None})
    with disk_errors(folder):
        added = tuple(_write_scripts(folder))
        project.make_state_folder()
    return NewProject(project, existed, added)


def _kept_model(
    folder: Path, plugins: Plugins, chosen: Platform | None, model: str | None
) -> str | None:
    """Return a given model as its platform has projects keep it.

    Raises:
        MlccError: it can be no model there.
    """
    if model is None:
        return None
    named = chosen or plugins.platforms.get(Project(folder).config().known().get("PLATFORM", ""))
    return model if named is None else named.model_name(model, folder)


def _setting_lines(platform: Platform, plugins: Plugins) -> Iterator[str]:
    """Yield the settings of the platform and of all sources, each once, for ``do/config``.

    Example:
        # Address of the cluster: ray://HOST:10001
        # export RAY_ADDRESS=
    """
    declared = [*platform.settings, *(s for o in plugins.sources.values() for s in o.settings)]
    for setting in {setting.variable: setting for setting in reversed(declared)}.values():
        needed = " (required)" if setting.required else ""
        yield f"# {setting.help}{needed}\n"
        if setting.default:
            yield assignment_line(setting.variable, setting.default)
        else:
            yield f"# {setting.command if setting.example else f'export {setting.variable}='}\n"


def update_project(folder: Path) -> NewProject:
    """Write the scripts that a project lacks; those that it has stay as they are.

    Args:
        folder: of a project, or below one.

    Raises:
        MlccError: it is not in a project.
        PlatformError: the folder cannot be written.
    """
    project = Project.find(folder)
    with disk_errors(project.root):
        return NewProject(project, True, tuple(_write_scripts(project.root)))


@contextmanager
def _or_nothing(folder: Path) -> Iterator[None]:
    """Around the writing of the first file: if it fails, no empty folder stays behind.

    Raises:
        PlatformError: it cannot be written.
    """
    new = [path for path in (folder / "do", folder, *folder.parents) if not path.exists()]
    try:
        yield
    except OSError as error:
        for path in new:
            with suppress(OSError):
                path.rmdir()
        raise disk_error(error, folder / CONFIG) from error


def check_place(folder: Path) -> None:
    """Refuse a folder that cannot be a project's.

    Raises:
        MlccError: a file stands where a folder must, or its name does not fit ``do/config``.
    """
    for path in (folder / "do", folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise MlccError(
                f"{path} is a file, expected a folder.",
                where="DIR",
                hint=init_command(f"{path}-project"),
            )
    if (folder / CONFIG).is_dir():
        raise MlccError(
            f"{folder / CONFIG} is a folder, expected a file.",
            where="DIR",
            hint=removed_folder(folder / CONFIG),
        )
    try:
        write_word(str(folder))
    except ValueError:
        raise MlccError(
            f"A project cannot live in {str(folder)!r}: do/config could not name its files.",
            where="DIR",
            hint=f"mlcc init {suggest_project_name(folder.name)}",
        ) from None


def _write_scripts(folder: Path) -> Iterator[str]:
    for name, command in COMMANDS.items():
        path = folder / "do" / name
        if command.script and not path.exists():
            write_atomically(path, SCRIPT.format(command=name).encode(), mode=0o755)
            yield name
