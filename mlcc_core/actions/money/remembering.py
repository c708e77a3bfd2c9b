"""A deployment that costs money, remembered by the project from before it is begun."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from mlcc_core.contract.money.standing import Standing
from mlcc_core.errors import MlccError
from mlcc_core.project.deployments import (
    Deployment,
    forget_deployment,
    remember_deployment,
    remembered_deployment,
)
from mlcc_core.project.project import Project


def remember(
    project: Project, platform: str, hourly: float | None, expires: float | None
) -> Deployment:
    """Keep a deployment before it is begun, or begun again.

    Args:
        project: the project.
        platform: the platform's name.
        hourly: US dollars an hour; ``None`` where that is not known.
        expires: in seconds since 1970, UTC; ``None`` keeps the time of an earlier call.

    Raises:
        PlatformError: it cannot be written.
    """
    earlier = remembered(project, platform)
    if earlier is None:
        kept = Deployment(platform, time.time(), expires, hourly)
    else:
        kept = replace(earlier, expires=expires or earlier.expires, hourly=hourly)
    remember_deployment(project, kept)
    return kept


def settle(project: Project, platform: str, things: Sequence[Standing]) -> float | None:
    """Make what is remembered agree with what stands.

    Args:
        project: the project.
        platform: the platform's name.
        things: what stands there, as it tells.

    Returns:
        When the deployment expires; ``None`` where it does not, or nothing stands.

    Raises:
        PlatformError: it cannot be written.
    """
    current = [thing for thing in things if thing.current]
    if not current:
        forget_deployment(project, platform)
        return None
    expires = min((t.expires for t in current if t.expires is not None), default=None)
    kept = remembered(project, platform)
    if kept is not None and kept.expires != expires:
        remember_deployment(project, replace(kept, expires=expires))
    return expires


def remembered(project: Project, platform: str) -> Deployment | None:
    """Return the deployment that is remembered; a damaged file counts as none."""
    with suppress(MlccError):
        return remembered_deployment(project, platform)
    return None
