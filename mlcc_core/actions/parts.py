"""Parts that a platform may lack, and the errors of the commands that need them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mlcc_core.contract.managed.evaluating import ManagedEvaluating
from mlcc_core.contract.platform.account import Account
from mlcc_core.contract.platform.answering import Answering
from mlcc_core.contract.platform.exporting import Exporting
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.serving import Serving
from mlcc_core.errors import MlccError

T = TypeVar("T")

OTHERS = "mlcc plugins   # lists the platforms that are installed"


def require_serving(platform: Platform) -> Serving:
    """Return the part that deploys models.

    Raises:
        MlccError: the platform has none.
    """
    return _required(platform, platform.serving, "does not deploy models.")


def require_answering(platform: Platform) -> Answering:
    """Return the part that answers the rows of an evaluation.

    Raises:
        MlccError: the platform has none.
    """
    return _required(platform, platform.answering, "answers no evaluations.")


def require_conversations(platform: Platform) -> Answering:
    """Return the part that has conversations with models.

    Raises:
        MlccError: the platform has none.
    """
    return _required(platform, platform.answering, "has no conversations with models.")


def require_managed(platform: Platform, without: str) -> ManagedEvaluating:
    """Return the part that runs evaluations as jobs.

    Args:
        platform: that is to have it.
        without: the command that needs none, for the hint.

    Raises:
        MlccError: the platform has none.
    """
    if platform.managed is None:
        raise MlccError(
            f"Platform {platform.name!r} runs no evaluations as jobs of its own.",
            where="--managed",
            hint=without,
        )
    return platform.managed


def require_exporting(
    platform: Platform, platforms: Mapping[str, Platform], again: Callable[[str], str]
) -> Exporting:
    """Return the part that writes models as files.

    Args:
        platform: that is to have it.
        platforms: all that are installed, by name.
        again: returns the same command for the platform of a name.

    Raises:
        MlccError: the platform has none; it names those that do.
    """
    able = [name for name, other in platforms.items() if other.exporting is not None]
    if platform.exporting is not None or not able:
        return _required(platform, platform.exporting, "exports no models.")
    raise MlccError(
        f"Platform {platform.name!r} exports no models, {' and '.join(map(repr, able))} can.",
        where="--platform",
        hint=f"{again(able[0])}   # works where {able[0]} can read the model",
    )


def require_account(platform: Platform) -> Account:
    """Return the part that keeps secrets and prerequisites.

    Raises:
        MlccError: the platform has none.
    """
    return _required(platform, platform.account, "has no account to set up.", "mlcc doctor")


def _required(platform: Platform, part: T | None, lacks: str, hint: str = OTHERS) -> T:
    if part is None:
        raise MlccError(f"Platform {platform.name!r} {lacks}", where="--platform", hint=hint)
    return part
