"""One request: pooled, through the environment's proxy, redirected, without a secret in errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.http.address import check_url, origin_of, shown_url
from mlcc_core.helpers.http.pool import pool_for
from mlcc_core.helpers.http.retries import Failure, asked_wait
from mlcc_core.helpers.http.token import Credential, Token

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as lost."""

MOST_REDIRECTS = 10

REFUSED = frozenset({401, 403})
"""Statuses of a request whose sender is not known, or may not read this."""

SMALL = 64 << 10
"""Bytes of a body that are read to keep its connection; above it, closing is cheaper."""


class HttpError(PlatformError):
    """A server refuses or fails, or cannot be reached.

    Attributes:
        status: of the answer; ``None`` where no answer arrived whole.
        headers: of the answer; names are found in any case.
        url: the address that answered; it may hold a signature, so show ``shown_url(url)``.
        reason: the network's words where there is no status.
        with_token: a token was sent; ``None`` where none is meant for this address.
        credential: describes that token.
        final: a further try would fail in the same way.
    """

    def __init__(
        self,
        url: str,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        reason: str = "",
        with_token: bool | None = None,
        credential: Credential | None = None,
        final: bool = False,
    ) -> None:
        self.url = url
        self.status = status
        self.headers: Mapping[str, str] = {} if headers is None else headers
        self.reason = reason
        self.with_token = with_token
        self.credential = credential if status in REFUSED and with_token is not None else None
        self.final = final
        what, hint = self._words(shown_url(url))
        detail = [_described(self.credential)] if self.credential is not None else []
        super().__init__(what, where=shown_url(url), hint=hint, detail=detail)

    def naming(self, credential: Credential) -> HttpError:
        """Return the same error with the credential that its token is, where it names none."""
        if self.credential is not None or self.with_token is None or self.status not in REFUSED:
            return self
        sent = self.with_token
        return HttpError(
            self.url, self.status, self.headers, with_token=sent, credential=credential
        )

    def _words(self, shown: str) -> tuple[str, str]:
        if self.status is None:
            return f"{shown} cannot be read: {self.reason}.", "check the network and the address"
        if self.status in REFUSED:
            return self._refusal(shown)
        if self.status in (404, 410):
            return f"{shown} does not exist ({self.status}).", "check the address"
        if self.status == 429:
            wait = asked_wait(self.headers)
            seconds = f" for {wait:.0f} s more" if wait else ""
            return (
                f"{shown} throttles requests{seconds} (429).",
                "wait, then run the same command again",
            )
        return f"{shown} answered {self.status}.", "run the same command again later"

    def _refusal(self, shown: str) -> tuple[str, str]:
        refused = "does not accept the token" if self.with_token else "refuses access"
        if self.credential is None:
            return f"{shown} {refused} ({self.status}).", "check the token and what it may read"
        variable = self.credential.variable
        hint = f"export {variable}=…"
        if self.with_token:
            return f"{shown} {refused} of {variable} ({self.status}).", hint
        return f"{shown} {refused} ({self.status}): {variable} is not set.", hint


def _described(credential: Credential) -> str:
    """Return a line about a credential: its purpose, and where a user gets one."""
    source = f": {credential.docs}" if credential.docs else ""
    return f"{credential.variable} is for {credential.purpose}{source}"


def failure(error: Exception) -> Failure | None:
    """Describe an :class:`HttpError` for :func:`~mlcc_core.helpers.http.retries.retry`."""
    if isinstance(error, HttpError):
        return Failure(error.status, error.headers, error.final)
    return None


@dataclass
class Answer:
    """A server's answer; its body is read in blocks and must be closed.

    Attributes:
        response: of the connection, to be read in blocks.
        url: the address that answered, after redirects.
        status: 200, 206 or 416.
        headers: names are found in any case.
        first_headers: those of the first answer, which may be a redirect.
        decoded: undo the answer's ``Content-Encoding`` while reading.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    first_headers: Mapping[str, str]
    response: BaseHTTPResponse
    decoded: bool = False

    def read(self, most: int) -> bytes:
        """Return the next block, of up to ``most`` bytes as they were sent; empty at the end.

        Raises:
            HttpError: the connection broke before the end.
        """
        import urllib3

        try:
            if self.decoded:
                return self.response.read(most, decode_content=True)
            # One read of the socket: a longer one loses what came before a connection was reset.
            return self.response.read1(most, decode_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise HttpError(self.url, reason=_reason(error)) from None

    def close(self) -> None:
        """Return the connection if the body was read to its end, else close it."""
        self.response.close()
        self.response.release_conn()


def send(
    url: str, *, token: Token | None = None, home: str | None = None, **headers: str
) -> Answer:
    """Ask for ``url`` and follow its redirects.

    Args:
        url: an http(s) address.
        token: sent to the origin of ``home`` alone.
        home: the address that the token is for; ``url`` by default.
        headers: further headers, ``_`` for ``-``.

    Raises:
        HttpError: no answer, or one of an error other than 416.
    """
    origin = origin_of(home or url)
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = {"Accept-Encoding": "identity", "User-Agent": "mlcc", **asked}
    first: Mapping[str, str] | None = None
    for _ in range(MOST_REDIRECTS + 1):
        meant = token if origin_of(url) == origin else None
        secret = meant.headers if meant is not None else {}
        response = _ask(url, {**asked, **secret})
        found: Mapping[str, str] = response.headers
        first = found if first is None else first
        target = response.get_redirect_location()
        if not target:
            if response.status in (200, 206, 416):
                return Answer(url, response.status, found, first, response)
            _let_go(response)
            raise _refused(url, response, meant, sent=bool(secret))
        _let_go(response)
        url = _followed(url, target)
    raise HttpError(url, reason=f"more than {MOST_REDIRECTS} redirects", final=True)


def _refused(url: str, response: BaseHTTPResponse, token: Token | None, *, sent: bool) -> HttpError:
    """Return the error for an answer; it names the token that is meant for this address."""
    return HttpError(
        url,
        response.status,
        response.headers,
        with_token=None if token is None else sent,
        credential=None if token is None else token.credential,
    )


def _followed(url: str, target: str) -> str:
    try:
        following = urljoin(url, target)
        check_url(following)
    except (ValueError, MlccError):
        # The target stays unnamed: it may hold a signature.
        raise HttpError(
            url, reason="it leads to an address that cannot be read", final=True
        ) from None
    return following


def _ask(url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
    """Send one request without redirects or retries: retries count bodies that broke, too."""
    import urllib3

    try:
        return pool_for(url).request(
            "GET",
            url,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=TIMEOUT,
        )
    except urllib3.exceptions.HTTPError as error:
        final = isinstance(error, urllib3.exceptions.LocationValueError) or "CERTIFICATE_" in str(
            error
        )
        raise HttpError(url, reason=_reason(error), final=final) from None


def _let_go(response: BaseHTTPResponse) -> None:
    """Return the connection where that takes only a small body, else close it."""
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) <= SMALL:
        response.drain_conn()
    response.close()
    response.release_conn()


def _reason(error: Exception) -> str:
    """Return an error of urllib3 in words, which never hold an address's query."""
    from urllib3 import exceptions

    if isinstance(error, exceptions.LocationValueError):
        return "it leads to an address that is not valid"
    if isinstance(error, exceptions.ReadTimeoutError):
        return f"no byte arrived for {TIMEOUT:.0f} seconds"
    if isinstance(error, exceptions.ProtocolError):
        return "the connection broke"
    if isinstance(error, exceptions.ProxyError):
        return "the proxy cannot be reached"
    words = str(error).strip() or type(error).__name__
    return words.splitlines()[0].rpartition("Failed to establish a new connection: ")[2].rstrip(".")
