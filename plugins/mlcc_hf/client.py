"""Requests to one Hub: the real client, retried, with the token only where it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from mlcc_core import Access, Credential, MlccError, PlatformError
from mlcc_core.helpers import install_command, require_package
from mlcc_core.helpers.http import Failure, Token, retry

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo, RepoFile

Answer = TypeVar("Answer")

PUBLIC = "https://huggingface.co"

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as lost."""


@dataclass(frozen=True)
class HubClient:
    """A Hub, and the account that asks.

    Attributes:
        endpoint: its address.
        token: asked for when the Hub refuses (or throttles) a request without.
        kind: of the repositories that are asked for.
        where: the flag or argument that names them, for messages.
    """

    endpoint: str
    token: Token
    kind: Literal["dataset", "model"] = "dataset"
    where: str = "--dataset"

    @property
    def has_token(self) -> bool:
        return self.token.value is not None

    def page(self, repository: str) -> str:
        """Return the address of a repository's page."""
        return f"{self.endpoint}/{'datasets/' if self.kind == 'dataset' else ''}{repository}"

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

    def model_info(self, repository: str, revision: str | None) -> ModelInfo:
        """As :meth:`info`, of a model."""
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self.endpoint)
        return self.attempt(
            lambda token: api.model_info(
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
            repo_type=self.kind,
            token=self.token.value or False,
        )
        return [entry for entry in entries if isinstance(entry, RepoFile)]

    def url(self, repository: str, commit: str, name: str) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(
            repository, name, repo_type=self.kind, revision=commit, endpoint=self.endpoint
        )

    def attempt(self, call: Callable[[str | None], Answer]) -> Answer:
        """Return ``call(token)``, repeated until it succeeds, the Hub refuses, or patience ends.

        Raises:
            Exception: the last error of the client library.
        """
        return retry(lambda: call(self.token.value), _failure, token=self.token)


def connect(
    access: Access,
    credential: Credential,
    kind: Literal["dataset", "model"] = "dataset",
    where: str = "--dataset",
) -> HubClient:
    """A client for ``HF_ENDPOINT``, or for the public Hub.

    Args:
        access: settings and secrets.
        credential: the token.
        kind: of the repositories that are asked for.
        where: the flag or argument that names them, for messages.

    Raises:
        MlccError: the libraries are missing, or the address is none.
    """
    purpose = "Reading hf:// datasets" if kind == "dataset" else "Models of the Hugging Face Hub"
    require_package("huggingface_hub", purpose=purpose, install=install_command("mlcc[hf]"))
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

    if endpoint != PUBLIC:
        # Read when the library is imported. Xet is storage of the public Hub; mirrors have LFS.
        os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
        from huggingface_hub import constants

        if os.environ["HF_HUB_DISABLE_XET"].upper() in ("1", "ON", "YES", "TRUE"):
            constants.HF_HUB_DISABLE_XET = True  # where others imported it before
    return HubClient(endpoint, Token(ask), kind, where)


def _failure(error: Exception) -> Failure | None:
    """Describe an error of the client library; ``None`` for one that is not of the network."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    # The library's HTTP client is httpx or httpx2, by its release; its errors share one base.
    transport: type[Exception] = HfHubHTTPError.__mro__[1]
    if isinstance(error, OfflineModeIsEnabled) or not isinstance(error, (transport, OSError)):
        return None
    response = getattr(error, "response", None)
    return Failure(getattr(response, "status_code", None), getattr(response, "headers", {}))
