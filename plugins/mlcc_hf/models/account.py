"""The account of a token, and where it may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_hf.client import HubClient
from mlcc_hf.errors import TOKEN_COMMAND, TOKENS_PAGE, hub_errors

READERS = ("read",)
"""Roles of tokens, and of members of an organisation, that may not write."""


def check_account(client: HubClient, repo: str, *, keeps_secrets: bool = False) -> None:
    """Check that there is a token, and that its account may have a repository of that name.

    A token of the fine-grained kind says too little of itself: the Hub may refuse it later on.

    Args:
        client: with the token.
        repo: to be written to.
        keeps_secrets: the platform has a place for a token, too.

    Raises:
        MlccError: there is no token, or the name is another account's.
        PlatformError: the Hub does not accept the token, or it may only read.
    """
    from huggingface_hub import HfApi

    if not client.token.answers(401):
        kept = "   # or keep it where the platform keeps secrets: mlcc secrets set"
        raise MlccError(
            "Pushing a model needs a token of the Hugging Face Hub, and HF_TOKEN is not set.",
            where="HF_TOKEN",
            hint=f"{TOKEN_COMMAND}{kept if keeps_secrets else ''}",
            detail=(f"A token with write access comes from {TOKENS_PAGE}",),
        )
    with hub_errors(client, repo):
        api = HfApi(endpoint=client.endpoint)
        account: Mapping[str, Any] = client.attempt(lambda token: api.whoami(token=token))
    role = ((account.get("auth") or {}).get("accessToken") or {}).get("role")
    if role in READERS:
        raise PlatformError(
            "HF_TOKEN may only read, expected a token that may write.",
            where="HF_TOKEN",
            hint=f"make one with write access at {TOKENS_PAGE}, then: {TOKEN_COMMAND}",
        )
    _check_owner(account, repo)


def _check_owner(account: Mapping[str, Any], repo: str) -> None:
    """Refuse the name of an account that is not this one, nor an organisation of it.

    Raises:
        MlccError: it is.
    """
    owner, _, name = repo.partition("/")
    user = str(account.get("name"))
    roles = {str(org.get("name")): org.get("roleInOrg") for org in account.get("orgs") or ()}
    mine = [user, *(org for org, role in roles.items() if role not in READERS)]
    if owner.lower() not in {each.lower() for each in mine}:
        raise MlccError(
            f"{user}, the account of HF_TOKEN, may not write to {owner}.",
            where="ORG/NAME",
            hint=f"push to {user}/{name}, or ask {owner} for the right to write",
            detail=(f"It may write to: {', '.join(mine)}",),
        )
