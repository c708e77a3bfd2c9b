"""``--system``: a text, or a file that holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mlcc_core.errors import MlccError

F = TypeVar("F", bound=Callable[..., Any])


def read_system(text: str, flag: str = "--system") -> str:
    """Return a system message: the text itself, or after an ``@`` the content of a file.

    Args:
        text: as typed.
        flag: or command that it was given to.

    Raises:
        MlccError: the file cannot be read.
    """
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise MlccError(
            f"{text[1:]} cannot be read: {why}.",
            where=flag,
            hint=f"{flag} TEXT, or {flag} @FILE for the text of a file",
        ) from None


def _read(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    return None if value is None else read_system(value)


def system_option(
    help_text: str = "Begin with this system message, or the one in a file.",
) -> Callable[[F], F]:
    """Return the option ``--system``, with its help for a command."""
    return click.option("--system", metavar="TEXT|@FILE", callback=_read, help=help_text)
