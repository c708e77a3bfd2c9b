"""Platforms whose outputs are each other's: one trains what the other deploys and goes on from."""

from __future__ import annotations

from mlcc_core.contract.platform.platform import Platform
from mlcc_core.loader.manager import Plugins


def shares_outputs(plugins: Plugins, platform: Platform, made_on: str) -> bool:
    """Return whether a platform takes the outputs of runs of a platform: its own, and a sibling's.

    Two are siblings where one names the other as the platform that trains any model for it.

    Args:
        plugins: the installed plugins.
        platform: that is to take them.
        made_on: the name of the platform that the runs are of.
    """
    if made_on in (platform.name, platform.trains_any):
        return True
    other = plugins.platforms.get(made_on)
    return other is not None and other.trains_any == platform.name
