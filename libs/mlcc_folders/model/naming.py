"""The place where a model is named, and the words that name another one there."""

from __future__ import annotations

import re
from pathlib import Path

from mlcc_core import Context
from mlcc_core.helpers.hints import hint_kind, path_word

FLAG = "--model"

SETTING = "MODEL_ID"
"""The line of ``do/config`` that names a project's model."""

ARGUMENT = "MODEL"
"""A word of the command line."""

IN_A_HINT = re.compile(rf"(?:pass )?{FLAG} (?P<value>.+)\Z", re.DOTALL)


def place_of(context: Context, model: str) -> str:
    """Return the place that named a model which no flag did: the project's, or an argument."""
    return SETTING if context.settings.get(SETTING) == model else ARGUMENT


def renamed(hint: str | None, where: str, root: Path) -> str | None:
    """Return a hint that names another model by ``--model``, for the place where it was named.

    Args:
        hint: ``pass --model mlcc-tiny``, ``--model ORG/NAME   # the original``; others come back.
        where: a flag, :data:`SETTING` or :data:`ARGUMENT`.
        root: of the project.

    Example:
        >>> renamed("--model org/name", "--judge-model", Path())
        '--judge-model org/name'
    """
    found = IN_A_HINT.match(hint or "")
    if found is None or where == FLAG:
        return hint
    if where == SETTING:
        return project_model(root, found["value"])
    return f"pass {found['value']}" if where == ARGUMENT else f"{where} {found['value']}"


@hint_kind("another model for a project")
def project_model(root: Path, model: str) -> str:
    """Return the command that gives a project another model.

    Args:
        root: of the project.
        model: a word of a shell, perhaps with a remark behind it.
    """
    folder = "." if root.resolve() == Path.cwd() else path_word(root)
    return f"mlcc init {folder} --model {model}"
