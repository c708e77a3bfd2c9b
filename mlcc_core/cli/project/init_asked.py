"""The questions of ``mlcc init`` on a terminal: folder, platform, model."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.actions.project.choices.models import check_model, gigabytes, model_choices
from mlcc_core.actions.project.choices.platforms import platform_choices
from mlcc_core.cli.confirm import ask
from mlcc_core.cli.folding.width import columns_of
from mlcc_core.errors import MlccError
from mlcc_core.project.new_project import check_place
from mlcc_core.project.project import CONFIG

if TYPE_CHECKING:
    from mlcc_core.actions.project.init import InitRequest
    from mlcc_core.cli.console import Console
    from mlcc_core.loader.manager import Plugins

FOLDER = "my-project"
"""The folder that is proposed."""


def with_answers(console: Console, plugins: Plugins, request: InitRequest) -> InitRequest:
    """Ask for what a new project's command line does not say; nothing is written meanwhile.

    Args:
        console: the terminal.
        plugins: the installed plugins.
        request: as it was typed; its folder is empty where none was named.

    Raises:
        Interrupted: the user ended the questions.
    """
    if not request.folder:
        found = _asked(console, "Folder of the project", _proposed(), _folder)
        request = dataclasses.replace(request, folder=found)
    if request.model is not None or (Path(request.folder) / CONFIG).is_file():
        return request
    platform = request.platform or _platform(console, plugins)
    model = _model(console, plugins, platform, Path(request.folder))
    answered = dataclasses.replace(request, platform=platform, model=model)
    console.note("The same without questions:")
    console.note(f"   {answered.command_line()}")
    return answered


def _platform(console: Console, plugins: Plugins) -> str:
    choices = platform_choices(plugins)
    if len(choices) == 1:
        return choices[0].name
    console.note("Where do you want to train?")
    rows = [(each.name, each.title, "; ".join(each.needs)) for each in choices]
    for line in _numbered(rows):
        console.note(line)

    def read(answer: str) -> str:
        if answer.isdecimal():
            if 1 <= int(answer) <= len(choices):
                return choices[int(answer) - 1].name
            raise MlccError(f"{answer} is not in the list, expected 1 to {len(choices)}.")
        return plugins.platform(answer).name

    return _asked(console, "Number or name", "1", read)


def _model(console: Console, plugins: Plugins, name: str, root: Path) -> str:
    platform = plugins.platform(name)
    found = model_choices(plugins, platform)
    free = "" if found.free_memory is None else f" ({gigabytes(found.free_memory)} are free)"
    console.note(f"Which model? These fit{free}:" if free else "Which model?")
    rows = [(each.name, each.size, "; ".join(each.remarks)) for each in found.models]
    for line in _numbered(rows):
        console.note(line)
    others = "a catalog id" if platform.insists_on_catalog else "ORG/NAME of the Hub, or a folder"
    console.note(f"   Or another one: {others}.")
    console.note("   All that are known: mlcc models")

    def read(answer: str) -> str:
        return check_model(answer, found, plugins, platform, root)

    default = "1" if found.models else platform.default_model or ""
    return _asked(console, "Number or name", default, read)


def _numbered(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return rows as numbered lines, in columns; what a terminal has no room for goes below.

    Example:
        ``   1  local  this machine  no account, no cost``
    """
    widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
    columns = columns_of(sys.stderr)
    lines = []
    for number, (one, two, remarks) in enumerate(rows, start=1):
        line = f"   {number}  {one:<{widths[0]}}  {two:<{widths[1]}}"
        if remarks and len(line) + 2 + len(remarks) > columns:
            lines += [line.rstrip(), f"      {remarks}"]
        else:
            lines.append(f"{line}  {remarks}".rstrip())
    return lines


def _asked(console: Console, question: str, default: str, read: Callable[[str], str]) -> str:
    """Ask until the answer can be used."""
    while True:
        answer = ask(question, default)
        try:
            return read(answer)
        except MlccError as error:
            for line in (f"❌ {error.what}", *(f"   {each}" for each in error.detail)):
                console.note(line)


def _proposed() -> str:
    """Return a folder that does not exist; this one where it is empty, or a project."""
    if Path(CONFIG).is_file() or not any(Path().iterdir()):
        return "."
    names = (FOLDER, *(f"{FOLDER}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not Path(name).exists())


def _folder(answer: str) -> str:
    folder = Path(answer).expanduser()
    check_place(folder.resolve())
    return str(folder)
