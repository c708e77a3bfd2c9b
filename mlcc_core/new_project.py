"""``init``: a folder with ``do/config`` and the scripts that run each command in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlcc_core.config import assignment_line, write_atomically, write_variables
from mlcc_core.errors import MlccError
from mlcc_core.manager import Plugins
from mlcc_core.project import CONFIG, Project, check_project_name, suggest_project_name

COMMANDS = ("tune", "adapter", "add-ic", "deploy", "test", "train", "secrets", "stop", "logs")
"""Commands that get a script in ``do/``."""

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

GITIGNORE = "# What mlcc keeps on this machine: staged data, jobs, run records.\n*\n"


@dataclass(frozen=True, slots=True)
class NewProject:
    """What ``init`` made.

    Attributes:
        project: where.
        existed: it was a project already; only what was missing or asked for was written.
    """

    project: Project
    existed: bool


def create_project(
    folder: Path,
    plugins: Plugins,
    *,
    platform: str | None = None,
    model: str | None = None,
    name: str | None = None,
    region: str | None = None,
) -> NewProject:
    """Make ``folder`` a project; run again, it writes what is missing and what is given.

    Args:
        platform: the platform's name; by default the one that says it is the default.
        model: ``MODEL_ID``; by default the platform's default model, if it has one.
        name: ``PROJECT_NAME``; by default made from the folder's name.
        region: ``AWS_REGION``.

    Raises:
        MlccError: an unknown platform, a name that does not fit, a file in the way.
    """
    folder = folder.resolve()
    for path in (folder, folder / "do"):
        if path.exists() and not path.is_dir():
            raise MlccError(f"{path} is a file, expected a folder.", hint="mlcc init OTHER-FOLDER")
    existed = (folder / CONFIG).is_file()
    if name is not None:
        check_project_name(name, where="--name")
    chosen = plugins.platform(platform)
    given = {
        "PROJECT_NAME": name,
        "PLATFORM": platform,
        "MODEL_ID": model,
        "AWS_REGION": region,
    }
    if existed:
        values = {key: value for key, value in given.items() if value is not None}
        project = Project(folder)
        with project.lock():
            write_variables(project.config_path, values)
    else:
        defaults = {
            **given,
            "PROJECT_NAME": name or suggest_project_name(folder.name),
            "PLATFORM": chosen.name,
            "MODEL_ID": model or chosen.default_model,
            "FRAMEWORK": "transformers",
        }
        lines = [assignment_line(key, value) for key, value in defaults.items() if value]
        write_atomically(folder / CONFIG, (HEADER + "".join(lines)).encode())
    _write_scripts(folder)
    return NewProject(Project(folder), existed)


def _write_scripts(folder: Path) -> None:
    for command in COMMANDS:
        path = folder / "do" / command
        if not path.exists():
            write_atomically(path, SCRIPT.format(command=command).encode(), mode=0o755)
    ignore = folder / ".mlcc" / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, GITIGNORE.encode())
