"""DATASET as typed: one of them, and not the name of something else."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.cli.data.misplaced import model_among
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import listed
from mlcc_core.project.commands import COMMANDS

if TYPE_CHECKING:
    from mlcc_core.cli.console import Console
    from mlcc_core.loader.manager import Plugins

CLOSE = 0.66
"""Likeness from which a word is taken for a mistyped name: one letter of three may be wrong."""


def dataset_from(
    console: Console,
    plugins: Plugins,
    words: Sequence[str],
    option: str | None,
    modes: Sequence[str] = (),
) -> str:
    """Return the dataset that a command line names.

    Args:
        console: knows the command line.
        plugins: the installed plugins.
        words: the arguments.
        option: the value of ``--dataset``.
        modes: flags of the command that need no dataset: ``--status``.

    Raises:
        MlccError: none is named or several are, or the word is a (mistyped) name of a technique,
            a command or a mode, and not of a file.
    """
    named: list[str] = list(dict.fromkeys((*words, *([option] if option else ()))))
    command = console.words[0]
    if not named:
        raise MlccError(
            "DATASET is missing, expected where the data is.", hint=f"mlcc {command} --help"
        )
    if len(named) > 1:
        raise _several(console, plugins, named)
    if mistaken := _other_name(console, plugins, named[0], modes):
        raise mistaken
    return named[0]


def _several(console: Console, plugins: Plugins, named: Sequence[str]) -> MlccError:
    technique = next((word for word in named if word in plugins.techniques), None)
    if technique is not None and len(named) == 2 and "--technique" not in console.words:
        return MlccError(
            f"{technique!r} is the name of a technique, expected one dataset.",
            hint=_without(console, technique, "--technique", technique),
        )
    if (mistaken := model_among(console, named)) is not None:
        return mistaken
    count = "Two" if len(named) == 2 else len(named)
    return MlccError(
        f"{count} datasets are named, {listed(named)}; expected one.",
        hint=f"mlcc {console.words[0]} --help",
    )


def _other_name(
    console: Console, plugins: Plugins, word: str, modes: Sequence[str]
) -> MlccError | None:
    """Return the error for a word that is not a file, and close to the name of something else."""
    if not word.isidentifier() and not word.replace("-", "_").isidentifier():
        return None  # a path with a suffix or a folder, an address
    if Path(word).exists() or any(Path().glob(f"{escape(word)}.*")):
        return None
    command = console.words[0]
    what = f"{word!r} is not a file or a folder, expected a dataset."
    flags = [mode.removeprefix("--") for mode in modes]
    commands = [name for name in COMMANDS if name != command]
    name = _close(word, (*flags, *plugins.techniques, *commands))
    if name in flags:
        hint = _without(console, word, f"--{name}")
        return MlccError(f"{what} Did you mean --{name}?", hint=hint)
    if name in plugins.techniques and name == word.casefold():
        what = f"{word!r} is the name of a technique, expected a dataset: a path or an address."
        return MlccError(what, hint=f"mlcc {command} --help")
    if name in plugins.techniques:
        what += f" Did you mean the technique {name!r}, and which dataset?"
        return MlccError(what, hint=f"mlcc {command} --help")
    if name in commands:
        return MlccError(f"{what} Did you mean the command {name!r}?", hint=f"mlcc {name} --help")
    return None


def _close(word: str, names: Sequence[str]) -> str | None:
    """Return the name that a word is, or nearly is."""
    found = get_close_matches(word.casefold(), names, n=1, cutoff=CLOSE)
    return found[0] if found else None


def _without(console: Console, word: str, *flags: str) -> str:
    """Return the command line without a word, and with flags."""
    words = list(console.words)
    words.remove(word)
    return shlex.join(("mlcc", *words, *flags))
