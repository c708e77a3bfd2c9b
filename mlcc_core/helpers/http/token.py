"""A secret that is asked for only when a server refuses a request without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from mlcc_core.errors import PlatformError

REFUSALS = frozenset({401, 403, 429})
"""Answers that a token may change: not known, not allowed, throttled."""


class Credential(Protocol):
    """A secret as its owner describes it: :class:`mlcc_core.Credential`."""

    @property
    def variable(self) -> str:
        """Variable that holds it."""

    @property
    def purpose(self) -> str:
        """Words for what it opens."""

    @property
    def docs(self) -> str:
        """Place where a user gets one; may be empty."""


class Token:
    """A token for one server; share it among all files of a dataset.

    Args:
        ask: returns the token, or ``None`` where there is none; called at most once.
        credential: named, with the command that sets it, where a server refuses.
        header: the header that holds it.
        prefix: text before it in the header.

    Example:
        >>> Token(lambda: access.secret(CREDENTIAL), CREDENTIAL)
        >>> Token(lambda: access.secret(CREDENTIAL), CREDENTIAL, header="X-Key", prefix="")
    """

    def __init__(
        self,
        ask: Callable[[], str | None],
        credential: Credential | None = None,
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        self.credential = credential
        self._ask = ask
        self._header = header
        self._prefix = prefix
        self._lock = threading.Lock()
        self._asked = False
        self._value: str | None = None

    @property
    def value(self) -> str | None:
        """Token, once it was needed and there is one."""
        return self._value

    @property
    def headers(self) -> dict[str, str]:
        """Header that holds the token; empty as long as none was needed."""
        return {} if self._value is None else {self._header: self._prefix + self._value}

    def answers(self, status: int | None) -> bool:
        """Return whether there is a token to try after a refusal; ask for it the first time.

        Args:
            status: of the answer; ``None`` for a lost connection.

        Raises:
            PlatformError: the token has characters that a header cannot hold.
        """
        if status not in REFUSALS:
            return False
        with self._lock:
            if not self._asked:
                self._asked = True
                self._value = self._checked((self._ask() or "").strip())
        return self._value is not None

    def _checked(self, value: str) -> str | None:
        # The message of http.client for a bad header would show the secret.
        if not (value.isascii() and (value.isprintable() or not value)):
            raise PlatformError(
                f"The token for {self._header} has characters that a header cannot hold.",
                hint="copy the token again, without line breaks",
            )
        return value or None
