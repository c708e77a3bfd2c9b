"""Chat templates that TRL has for training, each found by the author's template that it replaces.

Some families' templates render a reply differently once more messages follow, so that no earlier
reply can be told apart. TRL has a variant of about 30 templates that does not, and marks what the
assistant says with ``{% generation %}``. They are read as files: nothing of TRL is imported.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SUFFIX = "_training"

MARK = re.compile(r"\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}")


def training_template(original: str) -> str | None:
    """Return TRL's variant of an author's template, with its marks; ``None`` if it has none.

    Args:
        original: the author's template, not mended.
    """
    name = _names_by_template().get(original)
    return None if name is None else (_folder() / f"{name}{SUFFIX}.jinja").read_text("utf-8")


def has_marks(template: str) -> bool:
    """Return whether a template marks what the assistant says."""
    return MARK.search(template) is not None


def without_marks(template: str) -> str:
    """Return a template that renders the same, for engines that do not know the marks.

    Args:
        template: with or without marks.
    """
    return MARK.sub(lambda mark: f"{{%{mark[1]} {_block(mark)} {mark[3]}%}}", template)


def _block(mark: re.Match[str]) -> str:
    return "endif" if mark[2] else "if true"


@cache
def _names_by_template() -> dict[str, str]:
    """The names of the templates that have a variant, by their text."""
    return {
        original.read_text("utf-8"): original.stem
        for variant in sorted(_folder().glob(f"*{SUFFIX}.jinja"))
        if (original := variant.with_name(variant.name.replace(f"{SUFFIX}.", "."))).is_file()
    }


def _folder() -> Path:
    """The folder of TRL's templates; one that does not exist where TRL is not installed."""
    found = find_spec("trl")
    return Path((found.origin if found else None) or "trl").parent / "chat_templates"
