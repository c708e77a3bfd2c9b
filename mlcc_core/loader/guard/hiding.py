"""Secrets of the addresses that a plugin is given, taken out of what its errors say."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from mlcc_core.contract.source import DatasetFile
from mlcc_core.errors import MlccError, Problems
from mlcc_core.helpers.text import parted_uri

LEAST = 4
"""Characters of a secret that is looked for: those of a shorter one stand in many words."""

HIDDEN = "…"
"""Stands in the place of a secret."""


def secrets_in(values: Iterable[object]) -> tuple[str, ...]:
    """Return the secrets of the addresses among the arguments of a method, longest first.

    They are what :func:`mlcc_core.helpers.shown_uri` leaves out, as it is written and as it is
    meant (``%40`` for ``@``).

    Args:
        values: the arguments; addresses are texts, and the ``uri`` of files.

    Example:
        >>> secrets_in(["db://me:let-me-in@host/file.db?table=pairs&token=4f1c"])
        ('let-me-in', '4f1c')
    """
    found: set[str] = set()
    for value in values:
        uri = value.uri if isinstance(value, DatasetFile) else value
        if isinstance(uri, str):
            found.update(parted_uri(uri)[1])
    meant = {unquote(secret) for secret in found}
    enough = (secret for secret in found | meant if len(secret) >= LEAST)
    return tuple(sorted(enough, key=lambda secret: (-len(secret), secret)))


def hide(error: BaseException, secrets: tuple[str, ...]) -> None:
    """Take secrets out of all that an error says to its user."""
    if not secrets or not isinstance(error, MlccError):
        return

    def told(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        return text

    error.what = told(error.what)
    error.args = (error.what,)
    error.where = told(error.where) if error.where else error.where
    error.hint = told(error.hint) if error.hint else error.hint
    error.detail = tuple(map(told, error.detail))
    for problem in error.problems if isinstance(error, Problems) else ():
        hide(problem, secrets)
