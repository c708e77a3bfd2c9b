"""One look at a repository of the Hub: its commit and its files, before any download."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core.helpers import first_line
from mlcc_engine import load_errors
from mlcc_engine.hub.names import HubName, hub_address

SECONDS = 10.0
"""In which the Hub has to answer."""


class UnreachableError(Exception):
    """The Hub gives no answer; its cause says why."""


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a repository.

    Attributes:
        name: as asked for.
        commit: that the name means now.
        files: sizes in bytes by path; ``None`` where the Hub does not say.
        closed: it takes a token to read them.
    """

    name: HubName
    commit: str
    files: Mapping[str, int | None]
    closed: bool = False


def access(token: str | None = None) -> Mapping[str, Any]:
    """Return where the Hub is and the token for it, as the environment says now.

    Without a token there, the client looks for that of ``hf auth login``.

    Args:
        token: in place of that of the environment.
    """
    return {
        "endpoint": hub_address(),
        "token": token or os.environ.get("HF_TOKEN") or None,
    }


def look(name: HubName, token: str | None = None, *, content: bool = True) -> Look:
    """Ask the Hub for a model: one request, and another one for a gated repository.

    Args:
        name: of the model.
        token: in place of that of the environment.
        content: refuse a gated one whose content the token may not read.

    Raises:
        UnreachableError: the Hub cannot be asked now.
        MlccError: there is no such repository or revision, or its licence has to be accepted.
    """
    from huggingface_hub import HfApi, errors

    api: Any = HfApi(**access(token))
    try:
        info = api.model_info(name.id, revision=name.revision, files_metadata=True, timeout=SECONDS)
        if info.gated and content:
            api.auth_check(name.id)
    except Exception as error:  # of huggingface_hub, of its HTTP client, of the operating system
        if load_errors.is_answer(error):
            raise load_errors.explain(str(name), error) from None
        transport = errors.HfHubHTTPError.__mro__[1]  # of httpx or httpx2, by the release
        if isinstance(error, (transport, OSError)):
            raise UnreachableError(first_line(error)) from error
        raise
    files = {found.rfilename: found.size for found in info.siblings or ()}
    return Look(name, info.sha, files, bool(info.gated or info.private))
