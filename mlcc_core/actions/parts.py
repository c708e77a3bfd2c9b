"""Parts that a platform may lack, and the errors of the commands that need them."""

from __future__ import annotations

from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.answering import Answering
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.errors import MlccError


def require_serving(platform: Platform) -> Serving:
    """Return the part that deploys models.

    Raises:
        MlccError: the platform has none.
    """
    serving = platform.serving
    if serving is None:
        raise MlccError(
            f"Platform {platform.name!r} does not deploy models.",
            where="--platform",
            hint="mlcc plugins   # lists the platforms that are installed",
        )
    return serving


def require_answering(platform: Platform) -> Answering:
    """Return the part that answers the rows of an evaluation.

    Raises:
        MlccError: the platform has none.
    """
    answering = platform.answering
    if answering is None:
        raise MlccError(
            f"Platform {platform.name!r} answers no evaluations.",
            where="--platform",
            hint="mlcc plugins   # lists the platforms that are installed",
        )
    return answering


def require_account(platform: Platform) -> Account:
    """Return the part that keeps secrets and prerequisites.

    Raises:
        MlccError: the platform has none.
    """
    account = platform.account
    if account is None:
        raise MlccError(
            f"Platform {platform.name!r} has no account to set up.",
            where="--platform",
            hint="mlcc doctor",
        )
    return account
