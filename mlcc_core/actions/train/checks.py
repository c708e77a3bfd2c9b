"""A script and all that it is given, checked before anything is created."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import Path
from warnings import catch_warnings, simplefilter

from mlcc_core.actions.train.hints import compiled, own_folder
from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.contract.script.files import files_checksum, script_files
from mlcc_core.contract.script.spec import ScriptSpec
from mlcc_core.contract.script.variables import same_variable, script_variable
from mlcc_core.errors import MlccError, attempt
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.hints import looked_at
from mlcc_core.helpers.names import close_matches

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}\Z")
"""Names of hyperparameters: a flag's and a variable's alike."""

CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
"""Names of channels: a folder's and a variable's alike."""

HYPERPARAMETER, INPUT = "--hyperparameter", "--input"

SHOWN = 40
"""Characters of a name that messages show."""

MOST_FILES = 10_000
"""Files of a script's folder; with more, data is among them."""


def read_pairs(texts: Iterable[str], flag: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` by name, in the order given.

    Args:
        texts: as typed.
        flag: they were given to.

    Raises:
        MlccError: one has no ``=``, a name that does not fit, or a name that came before.

    Example:
        >>> read_pairs(["epochs=3", "name=a=b"], "--hyperparameter")
        {'epochs': '3', 'name': 'a=b'}
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise MlccError(
                f"{flag} is {text!r}, expected NAME=VALUE.",
                where=flag,
                hint="mlcc train --help",
            )
        if name in found:
            raise MlccError(
                f"{flag} names {name!r} twice: {found[name]!r} and {value!r}; expected one value.",
                where=flag,
                hint="mlcc train --help",
            )
        found[name] = value
    return found


def check_names(request: ScriptRequest) -> None:
    """Refuse names of hyperparameters and channels that can be no flag, variable or folder.

    Raises:
        MlccError: it names the first of them, or the first two that share a variable.
    """
    for flag, names, form, first, most, prefix in (
        (HYPERPARAMETER, request.hyperparameters, NAME, "a letter", 128, "SM_HP_"),
        (INPUT, request.inputs, CHANNEL, "a letter or digit", 64, "SM_CHANNEL_"),
    ):
        wrong = next((name for name in names if not form.match(name)), None)
        if wrong is not None:
            raise MlccError(
                f"{flag} has the name {_short(wrong)!r}, expected letters, digits, hyphens, dots "
                f"and underscores, {first} first, and at most {most} of them.",
                where=flag,
                hint="mlcc train --help",
            )
        same = same_variable(names)
        if same is not None:
            raise MlccError(
                f"{flag} has the names {same[0]!r} and {same[1]!r}, and the script finds both in "
                f"{prefix}{script_variable(same[1])}; expected names that differ otherwise.",
                where=flag,
                hint="mlcc train --help",
            )
    empty = next((name for name, uri in request.inputs.items() if not uri.strip()), None)
    if empty is not None:
        raise MlccError(
            f"{INPUT} {empty}= has no place, expected a path or an address.",
            where=INPUT,
            hint="mlcc train --help",
        )


def _short(name: str) -> str:
    return name if len(name) <= SHOWN else f"{name[: SHOWN - 1]}…"


def spec_of(
    request: ScriptRequest, root: Path, project: str, options: Mapping[str, object]
) -> tuple[ScriptSpec | None, list[MlccError]]:
    """Return the spec that a request asks for, or everything that is wrong with it.

    Args:
        request: as typed.
        root: the project's folder.
        project: its name.
        options: the platform's own flags that were given.
    """
    problems: list[MlccError] = []
    attempt(lambda: check_names(request), problems)
    script = attempt(lambda: found_script(request, root), problems)
    checksum = (
        None if script is None else attempt(lambda: _checksum(request, script, root), problems)
    )
    requirements = attempt(lambda: found_requirements(request, root), problems)
    inputs = attempt(lambda: _places(request, root), problems)
    if problems or script is None or checksum is None or inputs is None:
        return None, problems
    return (
        ScriptSpec(
            project=project,
            script=str(script),
            checksum=checksum,
            requirements=None if requirements is None else str(requirements),
            requirements_checksum=(
                None if requirements is None else files_checksum({"": requirements})
            ),
            hyperparameters=request.hyperparameters,
            inputs=inputs,
            options=options,
            folder=request.folder,
        ),
        problems,
    )


def found_script(request: ScriptRequest, root: Path) -> Path:
    """Return the script's path, absolute: it is there, and Python can read it.

    Raises:
        MlccError: it is missing, no Python file, or has a syntax error, with its line.
    """
    path = _found(request.script, root, "--script")
    if path.suffix != ".py":
        raise MlccError(
            f"The script {request.script} is not a Python file, expected a name that ends in .py.",
            where="--script",
            hint=request.command_line(script="train.py"),
        )
    try:
        with disk_errors(path), tokenize.open(path) as file:
            text = file.read()
        with catch_warnings():
            simplefilter("ignore")
            ast.parse(text, str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise MlccError(
            f"The script cannot be read as Python: {said}.",
            where=f"{request.script}:{line}",
            hint=compiled(request.script),
        ) from None
    return path


def found_requirements(request: ScriptRequest, root: Path) -> Path | None:
    """Return the requirements file's path, absolute; ``None`` where none is given.

    Raises:
        MlccError: it is missing, or no text.
        PlatformError: it cannot be read.
    """
    if request.requirements is None:
        return None
    path = _found(request.requirements, root, "--requirements")
    with disk_errors(path):
        data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise MlccError(
            f"The requirements file {request.requirements} is not a text in UTF-8.",
            where="--requirements",
            hint=looked_at(path),
        ) from None
    return path


def _checksum(request: ScriptRequest, script: Path, root: Path) -> str:
    if request.folder and script.parent == root.resolve():
        name = script.name
        raise MlccError(
            f"The folder of {name} is the project's own, whose outputs would be run with it; "
            "expected a folder of its own.",
            where="--folder",
            hint=own_folder(name),
        )
    with disk_errors(script.parent):
        files = script_files(script, folder=request.folder)
        if len(files) > MOST_FILES:
            raise MlccError(
                f"{script.parent} has {len(files):,} files, expected at most {MOST_FILES:,} "
                "beside a script; data is given by --input.",
                where="--folder",
                hint="mlcc train --help",
            )
        return files_checksum(files)


def _found(text: str, root: Path, flag: str) -> Path:
    """Return the path of a file, from the current folder or else from the project's."""
    typed = Path(text).expanduser()
    for path in (typed.absolute(), root.resolve() / typed):
        if path.is_file():
            return path
    if typed.is_dir():
        raise MlccError(
            f"{text} is a folder, expected a file.", where=flag, hint="mlcc train --help"
        )
    names = [path.name for path in typed.parent.glob("*")] if typed.parent.is_dir() else []
    close = close_matches(typed.name, names)
    meant = f" Did you mean {typed.parent / close[0]}?" if close else ""
    raise MlccError(f"There is no file {text}.{meant}", where=flag, hint=looked_at(typed.parent))


def _places(request: ScriptRequest, root: Path) -> dict[str, str]:
    """Return the place of each channel: addresses as they are, paths made absolute.

    Raises:
        MlccError: there is nothing at a path, seen from here or from the project.
    """
    return {name: _place(name, uri, root) for name, uri in request.inputs.items()}


def _place(name: str, uri: str, root: Path) -> str:
    typed = Path(uri).expanduser()
    if "://" in uri or not uri.strip():
        return uri  # an empty one is told of with the names
    for path in (typed.absolute(), root.resolve() / typed):
        if path.exists():
            return str(path)
    raise MlccError(
        f"There is nothing at {uri}.",
        where=f"{INPUT} {name}",
        hint=looked_at(typed.absolute().parent),
    )
