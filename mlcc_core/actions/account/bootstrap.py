"""``bootstrap``: the role, permissions and bucket that jobs need in an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mlcc_core.actions.parts import require_account
from mlcc_core.actions.session import Session

BootstrapAction = Literal["create", "update", "remove"]


@dataclass(frozen=True)
class BootstrapRequest:
    """One call of ``bootstrap``.

    Attributes:
        action: on the account.
        assume_yes: do not ask before it.
    """

    action: BootstrapAction = "create"
    assume_yes: bool = False


def bootstrap(session: Session, request: BootstrapRequest | None = None) -> Sequence[str]:
    """Create, update or remove the parts of an account that the platform needs.

    Args:
        session: its ``say`` takes the changes to come, its ``confirm`` is asked before them.
        request: by default, create.

    Returns:
        Lines for the user.

    Raises:
        MlccError: the platform needs no bootstrap.
        PlatformError: credentials, permission, network.
    """
    request = request or BootstrapRequest()
    return require_account(session.platform).bootstrap(
        session.context, request.action, request.assume_yes
    )
