"""A model's repository, as it is at one commit."""

from __future__ import annotations

import re

from mlcc_core import Access, HubModel
from mlcc_hf import CREDENTIAL
from mlcc_hf.client import HubClient, connect
from mlcc_hf.errors import hub_errors
from mlcc_hf.listing import entries_of, fingerprint
from mlcc_hf.uri import REPOSITORY

WHERE = "ORG/NAME"
COMMIT = re.compile(r"[0-9a-f]{40}\Z")


def client_for(access: Access) -> HubClient:
    """Return the client that asks for models.

    Raises:
        MlccError: the library is missing, or ``HF_ENDPOINT`` is not an address.
    """
    return connect(access, CREDENTIAL, "model", WHERE)


def find(client: HubClient, repo: str, revision: str | None = None) -> HubModel | None:
    """Return a repository at a revision; ``None`` where this account sees none of that name.

    Raises:
        MlccError: it has no such revision, or is closed to this account.
        PlatformError: the Hub cannot be reached, or refuses the token.
    """
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    with hub_errors(client, repo, revision):
        try:
            info = client.model_info(repo, revision)
            entries = entries_of(info, client)
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            return None
        if not (REPOSITORY.match(info.id) and COMMIT.match(str(info.sha))):
            raise ValueError("folders and commands are named by both")
    card = info.card_data
    licence = getattr(card, "license", None)
    return HubModel(
        repo=info.id,
        revision=str(info.sha),
        address=client.page(info.id),
        private=bool(info.private),
        files={entry.rfilename: entry.size for entry in entries},
        tags=tuple(getattr(card, "tags", None) or ()),
        licence=licence if isinstance(licence, str) else None,
        checksums={entry.rfilename: fingerprint(entry) for entry in entries},
    )
