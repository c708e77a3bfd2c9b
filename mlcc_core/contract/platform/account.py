"""Accounts: secrets and prerequisites that a platform keeps for its user."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.source import Credential


class Account(ABC):  # noqa: B024 - every method has a default
    """The part of a platform that keeps secrets and creates what an account needs.

    Every method has a default: override those that the platform has.
    """

    def secret(self, context: Context, credential: Credential) -> str | None:
        """Return the value of a credential from the platform's secret store, if it has one."""
        return None

    def secrets(self, context: Context, action: str, credential: Credential) -> Sequence[str]:
        """Do ``set``, ``check`` or ``remove`` with a secret; lines for the user, never the value.

        Raises:
            MlccError: the platform keeps no secrets.
        """
        raise MlccError(
            "This platform keeps no secrets.", hint=f"export {credential.variable}=VALUE"
        )

    def bootstrap(self, context: Context, action: str, assume_yes: bool) -> Sequence[str]:
        """Do ``create``, ``update`` or ``remove`` with what an account needs; lines for the user.

        Changes to come are shown with ``context.say`` and confirmed with ``context.confirm``,
        unless ``assume_yes``.

        Raises:
            MlccError: the platform needs no bootstrap.
        """
        raise MlccError("This platform needs no bootstrap.", hint="mlcc tune --help")
