"""Requests to one Hub: the real client, retried, with the token only where it is needed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from mlcc_core import Access, Credential, MlccError, PlatformError
from mlcc_core.helpers import require_package

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo, RepoFile

Answer = TypeVar("Answer")

PUBLIC = "https://huggingface.co"

WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try, where the Hub names none."""

LONGEST_WAIT = 60.0
"""Seconds that the Hub may ask us to wait; above it we say so instead of seeming to hang."""

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as lost."""

TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass
class HubClient:
    """A Hub, and who asks.

    Attributes:
        endpoint: its address.
        ask_token: returns the token, if there is one; called at most once, when the Hub refuses
            (or throttles) a request without.
    """

    endpoint: str
    ask_token: Callable[[], str | None]
    _token: str | None = field(default=None, repr=False)
    _asked: bool = False

    @property
    def has_token(self) -> bool:
        return self._token is not None

    def info(self, repository: str, revision: str | None) -> DatasetInfo:
        """Commit, files with sizes and checksums, and the README's header: one request."""
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self.endpoint)
        return self.attempt(
            lambda token: api.dataset_info(
                repository,
                revision=revision,
                files_metadata=True,
                timeout=TIMEOUT,
                token=token or False,
            )
        )

    def tree(self, repository: str, commit: str) -> list[RepoFile]:
        """All files of a commit with sizes and checksums: a request per 1,000 entries.

        The library repeats these requests by itself.
        """
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFile

        entries = HfApi(endpoint=self.endpoint).list_repo_tree(
            repository,
            recursive=True,
            revision=commit,
            repo_type="dataset",
            token=self._token or False,
        )
        return [entry for entry in entries if isinstance(entry, RepoFile)]

    def url(self, repository: str, commit: str, name: str) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(
            repository, name, repo_type="dataset", revision=commit, endpoint=self.endpoint
        )

    def attempt(
        self, call: Callable[[str | None], Answer], progressed: Callable[[], bool] = lambda: False
    ) -> Answer:
        """``call(token)`` until it succeeds, the Hub refuses, or patience ends.

        Args:
            call: raises the client library's errors.
            progressed: whether the failed try brought something; it then does not count.

        Raises:
            the last error of ``call``.
        """
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

        # The library's HTTP client is httpx or httpx2, by its release; its errors share one base.
        transport: type[Exception] = HfHubHTTPError.__mro__[1]
        tries = 0
        while True:
            try:
                return call(self._token)
            except OfflineModeIsEnabled:
                raise
            except (transport, OSError) as error:
                if self._use_token(error):
                    continue
                tries = 0 if progressed() else tries + 1
                pause = _pause(error, tries)
                if pause is None:
                    raise
                time.sleep(pause)

    def _use_token(self, error: Exception) -> bool:
        """Return whether a token might help and one is at hand."""
        if self._asked or _status(error) not in (401, 403, 429):
            return False
        self._asked = True
        self._token = self.ask_token()
        return self._token is not None


def connect(access: Access, credential: Credential) -> HubClient:
    """A client for ``HF_ENDPOINT``, or for the public Hub.

    Raises:
        MlccError: the libraries are missing, or the address is none.
    """
    for module in ("huggingface_hub", "datasets"):
        require_package(module, purpose="Reading hf:// datasets", install="pip install 'mlcc[hf]'")
    # Read when the library is imported; otherwise it asks the public Hub for a list of agents.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    endpoint = (access.settings.get("HF_ENDPOINT") or PUBLIC).rstrip("/")
    if not endpoint.startswith(("http://", "https://")):
        raise MlccError(
            f"HF_ENDPOINT is {endpoint!r}, which is not a web address.",
            where="HF_ENDPOINT",
            hint=f"export HF_ENDPOINT={PUBLIC}",
        )

    def ask() -> str | None:
        token = (access.secret(credential) or "").strip()
        if not token.isascii() or any(sign.isspace() for sign in token):
            raise PlatformError(
                f"{credential.variable} holds something that is not a token.",
                where=credential.variable,
                hint=f"export {credential.variable}=<token from {credential.docs}>",
            )
        return token or None

    return HubClient(endpoint, ask)


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _pause(error: Exception, tries: int) -> float | None:
    """Seconds to wait before the next try; ``None`` for no further try."""
    status = _status(error)
    if (status is not None and status not in TRANSIENT_STATUSES) or tries > len(WAITS):
        return None
    asked = asked_wait(getattr(getattr(error, "response", None), "headers", {}))
    if asked is None:
        return WAITS[max(tries, 1) - 1]
    return asked if asked <= LONGEST_WAIT else None


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that the Hub asks to wait, by ``RateLimit`` ("api";r=0;t=55) or ``Retry-After``."""
    for part in headers.get("RateLimit", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == "t" and value.isdecimal():
            return float(value)
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
