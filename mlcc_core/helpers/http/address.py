"""Addresses: those that are read, as messages show them, and where a token may be sent."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from mlcc_core.errors import MlccError

HIDDEN = "The address"
"""Words for an address that may hold a secret anywhere."""

FLAG = "--dataset"


def check_url(url: str) -> None:
    """Check that ``url`` is an http(s) address without a user and password in it.

    Raises:
        MlccError: it is not.
    """
    parts = _split(url)
    shown = shown_url(url)
    if parts is None and shown != HIDDEN:
        raise MlccError(
            f"{shown} has a bad port, expected a port from 1 to 65535 as in https://host:8443/path.",
            where=FLAG,
            hint="check the address",
        )
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise MlccError(
            f"{shown} cannot be read, expected an http:// or https:// address.",
            where=FLAG,
            hint="check the address",
        )
    if "@" in parts.netloc:
        raise MlccError(
            f"{shown} has a user name or a password in its address, expected none.",
            where=FLAG,
            hint="take it out of the address: a secret belongs in an environment variable",
        )


def shown_url(url: str) -> str:
    """Return an address as messages show it: without user, password, query and fragment.

    Example:
        >>> shown_url("https://me:pw@data.example.org/train.csv?X-Amz-Signature=4f1c")
        'https://data.example.org/train.csv'
    """
    parts = _split(url)
    if parts is None:
        return _without_port(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _without_port(url: str) -> str:
    """Return an address whose port is none, or that cannot be split at all.

    With an ``@`` somewhere, the port may be the beginning of a password.
    """
    try:
        return HIDDEN if "@" in url else urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return HIDDEN


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port, which must all be equal for a token to be sent."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
