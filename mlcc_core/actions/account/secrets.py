"""``secrets``: credentials in the platform's secret store, never in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.parts import require_account
from mlcc_core.actions.session import Session
from mlcc_core.errors import MlccError

SecretsAction = Literal["set", "check", "remove"]


@dataclass(frozen=True)
class SecretsRequest:
    """One call of ``secrets``.

    Attributes:
        action: on the credential of every installed source and hub that has one.
    """

    action: SecretsAction


def secrets(session: Session, request: SecretsRequest) -> Sequence[str]:
    """Set, check or remove the credentials for private datasets, and for pushing models.

    Args:
        session: its ``read_secret`` asks for a value to set.
        request: the action.

    Returns:
        Lines for the user; never a value.

    Raises:
        MlccError: no installed source or hub needs a credential, or the platform keeps no secrets.
        PlatformError: the store cannot be reached.
    """
    plugins = session.plugins
    declared = (
        *(source.credential for source in plugins.sources.values()),
        *(hub.credential for hub in plugins.model_hubs.values()),
    )
    credentials = {each.variable: each for each in declared if each is not None}
    if not credentials:
        raise MlccError("No installed source or hub needs a credential.", hint="mlcc plugins")
    account = require_account(session.platform)
    return [
        line
        for credential in credentials.values()
        for line in account.secrets(session.context, request.action, credential)
    ]
