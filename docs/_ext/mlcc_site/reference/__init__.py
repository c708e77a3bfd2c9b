"""Pages of the reference, made of the code: a comment in a page is replaced by what it asks for.

Example:
    ``<!-- made: commands -->`` on a line by itself becomes every command, as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MADE = re.compile(r"^<!-- made: (?P<name>\w+)(?: (?P<part>\w+))? -->$", re.MULTILINE)
NAMES = (
    *("commands", "settings", "run_files", "schemas"),
    *("exit_codes", "catalog", "hooks", "classes"),
)
"""Modules of this package; each has a function ``markdown``."""


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the comments of a page that ask for something made.

    Raises:
        ExtensionError: nothing of that name is made.
    """

    def made(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in NAMES:
            raise ExtensionError(f"{docname}: made are {', '.join(NAMES)}; not {name}")
        write: Callable[..., str] = import_module(f"mlcc_site.reference.{name}").markdown
        return write(*filter(None, [match["part"]]))

    source[0] = MADE.sub(made, source[0])
