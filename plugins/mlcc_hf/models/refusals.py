"""Refusals of the Hub to take an upload, said so that a user can act on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import first_line
from mlcc_hf.client import HubClient
from mlcc_hf.errors import TOKEN_COMMAND, TOKENS_PAGE, hub_errors

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

AGAIN = "run the same command again"
CHANGED = (409, 412)
"""Statuses of a commit to a repository that was changed since it was looked at."""

REFUSED = (400, 405, 406, 411, 415, 416, 422)
"""Statuses with which the same content is refused each time."""

REQUEST_IDS = ("x-request-id", "x-amz-request-id", "x-amz-cf-id")
LONGEST_REASON = 400


@contextmanager
def write_errors(client: HubClient, repo: str) -> Iterator[None]:
    """Turn the client library's errors on writing into errors for the user."""
    from huggingface_hub.errors import HfHubHTTPError

    with hub_errors(client, repo):
        try:
            yield
        except HfHubHTTPError as error:
            raise _refused(repo, error) or error from None
        except RuntimeError as error:
            # The library wraps what happened to one of several large files.
            cause = error.__cause__
            if not isinstance(cause, Exception):
                raise
            found = _refused(repo, cause) if isinstance(cause, HfHubHTTPError) else None
            raise found or cause from None
        except ValueError as error:
            raise PlatformError(
                f"The Hub does not take the files of {repo}: {_last_line(error)}",
                where=client.where,
                hint=AGAIN,
            ) from None


def _refused(repo: str, error: HfHubHTTPError) -> MlccError | None:
    """Return the error for a refusal to write; ``None`` for one that is read likewise."""
    status = error.response.status_code
    said = first_line(error.server_message or "")
    words = f": {said}" if said else "."
    if status in (402, 403):
        return PlatformError(
            f"The Hub does not let HF_TOKEN write to {repo} ({status}){words}",
            where="HF_TOKEN",
            hint=f"make one with write access at {TOKENS_PAGE}, then: {TOKEN_COMMAND}",
        )
    if status in CHANGED:
        return MlccError(
            f"{repo} was changed by others meanwhile ({status}); nothing was overwritten.",
            where="ORG/NAME",
            hint=f"{AGAIN}   # looks at it anew",
        )
    if status == 413:
        return MlccError(
            f"The Hub does not take files of that size for {repo} (413){words}",
            where="ORG/NAME",
            hint="push the adapter, without --merged",
        )
    if status in REFUSED:
        named = (
            f"   # its request id, for the Hub's support: {found}" if (found := _id(error)) else ""
        )
        return PlatformError(
            f"The Hub does not take what was sent to {repo} ({status}){_reason(error, said)}",
            where="ORG/NAME",
            hint=f"{AGAIN}{named}",
        )
    return None


def _reason(error: HfHubHTTPError, said: str) -> str:
    """Return the Hub's own words; a store of large files says them in the body alone."""
    body = re.sub(r"<[^>]*>", " ", error.response.text[:LONGEST_REASON])  # XML, of a store
    words = " ".join((said or body).split())
    return f": {words}" if words else ", and does not say why."


def _id(error: HfHubHTTPError) -> str | None:
    headers = error.response.headers
    found = next((headers[name] for name in REQUEST_IDS if name in headers), None)
    return found if found is not None and re.fullmatch(r"[\w=;:.+/-]{1,200}", found) else None


def _last_line(error: ValueError) -> str:
    return next((line.strip("- ") for line in reversed(str(error).splitlines()) if line), "")
