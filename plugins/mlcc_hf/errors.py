"""Refusals of the Hub, said so that a user can act on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import reason_of
from mlcc_core.helpers.http import HttpError, asked_wait
from mlcc_hf.client import HubClient

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

TOKEN_COMMAND = "export HF_TOKEN=<token>"  # noqa: S105 - the words of a hint
TOKENS_PAGE = "https://huggingface.co/settings/tokens"


def raise_as_library(error: HttpError) -> None:
    """Raise the client library's error for an answer that it did not see.

    Raises:
        OSError: the server refuses, by the library's own rules; no answer arrived.
    """
    from importlib import import_module

    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import (  # type: ignore[attr-defined]  # documented there
        hf_raise_for_status,
    )

    if error.status is None:
        raise OSError(error.reason)
    # httpx or httpx2, by the library's release.
    http = import_module(HfHubHTTPError.__mro__[1].__module__.partition(".")[0])
    request = http.Request("GET", error.url)
    headers = {name: error.headers[name] for name in error.headers if not _is_of_body(name)}
    hf_raise_for_status(http.Response(error.status, headers=headers, request=request))


def check_online() -> None:
    """Check that the user allows the client library to use the network.

    Raises:
        OfflineModeIsEnabled: ``HF_HUB_OFFLINE`` is set.
    """
    from huggingface_hub import constants, errors

    if constants.HF_HUB_OFFLINE:
        raise errors.OfflineModeIsEnabled


def _is_of_body(header: str) -> bool:
    return header.lower() in ("content-encoding", "content-length", "transfer-encoding")


@contextmanager
def hub_errors(
    client: HubClient, repository: str, revision: str | None = None, name: str | None = None
) -> Iterator[None]:
    """Turn the client library's errors into errors for the user.

    Args:
        client: the Hub that was asked.
        repository: the dataset or model that was asked for.
        revision: the revision that was asked for, if any.
        name: the file that was asked for, if any.
    """
    from huggingface_hub import errors

    transport: type[Exception] = errors.HfHubHTTPError.__mro__[1]
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise MlccError(
            f"{repository} cannot be read: HF_HUB_OFFLINE is set.",
            where="HF_HUB_OFFLINE",
            hint="unset HF_HUB_OFFLINE",
        ) from None
    except errors.GatedRepoError:
        raise _gated(client, repository) from None
    except errors.RepositoryNotFoundError:
        raise _not_found(client, repository) from None
    except errors.RevisionNotFoundError:
        raise MlccError(
            f"{_noun(client)} {repository} has no revision {revision!r}.",
            where=client.where,
            hint=f"see which exist: {client.page(repository)}/commits/main",
        ) from None
    except errors.EntryNotFoundError:
        raise PlatformError(
            f"{name} of {repository} is listed, but the Hub does not have it.",
            where=client.where,
            hint="run the same command again",
        ) from None
    except errors.DisabledRepoError:
        raise MlccError(
            f"{_noun(client)} {repository} was disabled by the Hub.",
            where=client.where,
            hint=f"see {client.page(repository)}",
        ) from None
    except errors.HfHubHTTPError as error:
        raise _answered(client, repository, error) from None
    except (transport, OSError) as error:
        raise _unreachable(client, repository, error) from None
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformError(
            f"{client.endpoint} does not answer as a Hub ({type(error).__name__}).",
            where="HF_ENDPOINT",
            hint="check HF_ENDPOINT, proxies and firewalls",
        ) from error


def _noun(client: HubClient) -> str:
    return client.kind.capitalize()


def _gated(client: HubClient, repository: str) -> MlccError:
    page = client.page(repository)
    if client.has_token:
        return MlccError(
            f"{_noun(client)} {repository} is gated, "
            "and the account of HF_TOKEN has no access to it yet.",
            where=client.where,
            hint=f"accept its terms (or ask for access) at {page}, then run the same command again",
        )
    return MlccError(
        f"{_noun(client)} {repository} is gated: its files need an accepted agreement and a token.",
        where=client.where,
        hint=f"accept its terms at {page}, then: {TOKEN_COMMAND}",
        detail=(f"A token with read access comes from {TOKENS_PAGE}",),
    )


def _not_found(client: HubClient, repository: str) -> MlccError:
    name = repository.split("/")[1]
    if client.has_token:
        return MlccError(
            f"{_noun(client)} {repository} does not exist on {client.endpoint}, "
            "or the account of HF_TOKEN may not see it.",
            where=client.where,
            hint=f"check the name: {client.endpoint}/{client.kind}s?search={name}",
        )
    return MlccError(
        f"{_noun(client)} {repository} does not exist on {client.endpoint}, or it is private.",
        where=client.where,
        hint=f"check the name; if it is private: {TOKEN_COMMAND}",
        detail=(f"A token with read access comes from {TOKENS_PAGE}",),
    )


def _answered(client: HubClient, repository: str, error: HfHubHTTPError) -> MlccError:
    status = error.response.status_code
    if status == 401:
        return PlatformError(
            "The Hub does not accept HF_TOKEN: it is mistyped, expired or revoked.",
            where="HF_TOKEN",
            hint=f"make a new one at {TOKENS_PAGE}, then: {TOKEN_COMMAND}",
        )
    if status == 403 and client.has_token:
        return PlatformError(
            f"The token may not read {repository}: it lacks the permission (403).",
            where="HF_TOKEN",
            hint=f"make one with read access at {TOKENS_PAGE}, then: {TOKEN_COMMAND}",
        )
    if status == 429:
        wait = asked_wait(error.response.headers)
        seconds = f" for {wait:.0f} s more" if wait else ""
        mend = "" if client.has_token else f"; with a token the limit is higher: {TOKEN_COMMAND}"
        return PlatformError(
            f"{client.endpoint} throttles requests{seconds} (429).",
            hint=f"wait, then run the same command again{mend}",
        )
    return PlatformError(
        f"{client.endpoint} cannot serve {repository} now: it answered {status}.",
        hint="run the same command again later; see https://status.huggingface.co",
    )


def _unreachable(client: HubClient, repository: str, error: Exception) -> PlatformError:
    return PlatformError(
        f"{client.endpoint} cannot be reached for {repository}: {reason_of(error)}",
        hint=f"check the network: curl -sI {client.endpoint}",
    )
