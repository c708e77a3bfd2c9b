"""Secrets of the addresses that a plugin is given, taken out of what its errors say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from mlcc_core.contract.source import DatasetFile
from mlcc_core.errors import MlccError, Problems
from mlcc_core.helpers.text import is_secret_key

LEAST = 4
"""Characters of a secret that is looked for: those of a shorter one stand in many words."""

HIDDEN = "…"


def secrets_in(values: Iterable[object]) -> tuple[str, ...]:
    """Return the secrets of the addresses among the arguments of a method, longest first.

    They are what :func:`mlcc_core.helpers.shown_uri` leaves out, as it is written and as it is
    meant (``%40`` for ``@``).

    Example:
        >>> secrets_in(["db://me:let-me-in@host/file.db?table=pairs&token=4f1c"])
        ('let-me-in', '4f1c')
    """
    found: set[str] = set()
    for value in values:
        uri = value.uri if isinstance(value, DatasetFile) else value
        if isinstance(uri, str) and "://" in uri:
            found.update(_secrets_of(uri))
    meant = {unquote(secret) for secret in found}
    kept = (secret for secret in found | meant if len(secret) >= LEAST)
    return tuple(sorted(kept, key=lambda secret: (-len(secret), secret)))


def _secrets_of(uri: str) -> Iterator[str]:
    scheme, _, rest = uri.partition("://")
    place, _, query = rest.partition("?")
    user, at, _ = place.partition("/")[0].rpartition("@")
    if at:
        yield user.partition(":")[2]
    if scheme.lower() in ("http", "https"):
        yield query  # a signed address holds its signature there
    name, value = "", ""
    for pair in query.split("&"):
        key, equals, part = pair.partition("=")
        # A part without a sign is the end of the value before it, which had an & in it.
        name, value = (key, part) if equals else (name, f"{value}&{pair}")
        if is_secret_key(name):
            yield value


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
