"""Words that stand in the wrong place: a dataset as the technique, a model as a dataset."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.cli.console import Console
    from mlcc_core.loader.manager import Plugins

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+\Z")


def refuse_dataset_as_technique(
    console: Console, plugins: Plugins, technique: str | None, words: Sequence[str]
) -> None:
    """Refuse a file or an address as the technique, with the command that was meant.

    Args:
        console: knows the command line.
        plugins: the installed plugins.
        technique: the value of ``--technique``.
        words: the arguments that are to name the dataset.

    Raises:
        MlccError: it is one.
    """
    if not technique or technique in plugins.techniques or not is_data(technique):
        return
    others = [word for word in words if word.lower() not in plugins.techniques]
    named = [word.lower() for word in words if word.lower() in plugins.techniques]
    line = [word for word in without_flag(console.words, "--technique") if word not in words]
    meant = [*line[:1], technique, *line[1:], *(("--technique", named[0]) if named else ())]
    raise MlccError(
        f"{technique!r} is a dataset, expected the name of a technique: "
        f"{', '.join(plugins.techniques)}.",
        where="--technique",
        hint=shlex.join(("mlcc", *meant)) if not others else "mlcc plugins",
    )


def model_among(console: Console, named: Sequence[str]) -> MlccError | None:
    """Return the error for two datasets of which one is the name of a model, else ``None``."""
    models = [word for word in named if HUB_ID.match(word) and not is_data(word)]
    if len(named) != 2 or len(models) != 1 or "--model" in console.words:
        return None
    line = list(console.words)
    line.remove(models[0])
    return MlccError(
        f"{models[0]!r} is not a file or a folder, expected one dataset. Did you mean --model?",
        hint=shlex.join(("mlcc", *line, "--model", models[0])),
    )


def is_data(word: str) -> bool:
    """Return whether a word is the path of something that is there, or an address."""
    return "://" in word or Path(word).exists()


def without_flag(words: Sequence[str], flag: str) -> list[str]:
    """Return a command line without a flag and its value."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == flag:
            next(rest, None)
        elif not word.startswith(f"{flag}="):
            found.append(word)
    return found
