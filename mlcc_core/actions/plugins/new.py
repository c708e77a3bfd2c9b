"""``plugins new``: a distribution with a plugin that works, to begin from."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from string import Template

from mlcc_core.contract.version import API_VERSION
from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.extras import install_command
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.names import PLUGIN_NAME, close_matches
from mlcc_core.loader.manager import Plugins, build_manager

TEMPLATES = Path(__file__).with_name("templates")

NEXT: Mapping[str, str] = {
    "technique": "Next: give `ROWS` the columns of your data, and `RECIPES` your trainer.",
    "source": "Next: list and open the files of your place in place of those of a folder.",
    "platform": "Next: start, look after and end jobs in your own place: see `Runner`.",
    "metric": "Next: measure what you care about in `score`, and say in `needs` what it takes.",
    "model_hub": "Next: find, write and read repositories of your place in place of folders.",
}

NOUNS: Mapping[str, str] = {"model_hub": "hub of models"}
"""Words for people where they differ from the kind."""


@dataclass(frozen=True)
class NewPluginRequest:
    """One call of ``plugins new``.

    Attributes:
        kind: ``technique``, ``source``, ``platform``, ``metric`` or ``model_hub``.
        name: of the plugin, ``[a-z][a-z0-9_]*``.
        folder: takes the distribution's folder; by default the current one.
    """

    kind: str
    name: str
    folder: str | Path = "."


@dataclass(frozen=True)
class NewPlugin:
    """The distribution that was written.

    Attributes:
        folder: of the distribution.
        files: their names.
        next_steps: commands to go on with.
    """

    folder: Path
    files: tuple[str, ...]
    next_steps: tuple[str, ...]


def new_plugin(request: NewPluginRequest, plugins: Plugins | None = None) -> NewPlugin:
    """Write a distribution with one plugin: it installs and passes its contract suite.

    Args:
        request: the kind and the name.
        plugins: ``None`` loads the installed ones.

    Raises:
        MlccError: an unknown kind, a name that does not fit or is taken, a folder in the way.
        PlatformError: it cannot be written.
    """
    kind, name = request.kind, request.name
    _check(kind, name, plugins or build_manager())
    dashed = name.replace("_", "-")
    folder = Path(request.folder) / f"mlcc-{dashed}"
    if folder.exists():
        raise MlccError(
            f"{folder} exists already, expected a new folder.",
            where="NAME",
            hint=f"mlcc plugins new {kind} {name}_2",
        )
    values = {
        "name": name,
        "dashed": dashed,
        "kind": kind,
        "noun": NOUNS.get(kind, kind),
        "title": name.replace("_", " ").capitalize(),
        "class_name": "".join(word.capitalize() for word in name.split("_")),
        "scheme": dashed,
        "variable": name.upper(),
        "api": API_VERSION,
        "mlcc": version("mlcc"),
        "next": NEXT[kind],
    }
    files = {
        "pyproject.toml": "pyproject",
        "README.md": "readme",
        f"mlcc_{name}.py": kind,
        f"test_{name}.py": f"{kind}_test",
    }
    with disk_errors(folder):
        for file, template in files.items():
            text = Template((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8"))
            write_atomically(folder / file, text.substitute(values).encode())
    steps = (
        install_command("-e", f"{folder}[test]"),
        f"mlcc plugins check {name}",
        f"pytest -q {shlex.quote(str(folder))}",
    )
    return NewPlugin(folder, tuple(files), steps)


def _check(kind: str, name: str, plugins: Plugins) -> None:
    if kind not in NEXT:
        close = close_matches(kind, NEXT)
        raise MlccError(
            f"Unknown kind of plugin {kind!r}: expected {', '.join(NEXT)}.",
            where="KIND",
            hint=f"mlcc plugins new {close[0] if close else 'technique'} {name}",
        )
    if not PLUGIN_NAME.match(name):
        raise MlccError(
            f"The name {name!r} does not fit: expected [a-z][a-z0-9_]*.",
            where="NAME",
            hint=f"mlcc plugins new {kind} my_{kind}",
        )
    taken = next((r for r in plugins.records if (r.kind, r.name) == (kind, name)), None)
    if taken is not None:
        raise MlccError(
            f"The {kind} {name!r} is installed already, from {taken.origin}.",
            where="NAME",
            hint=f"mlcc plugins new {kind} my_{name}",
        )
