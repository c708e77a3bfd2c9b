"""The ``ray`` platform: fine-tuning as jobs of an existing Ray cluster.

On the cluster :mod:`mlcc_ray.cluster` is run, which needs nothing of what the platform is made of:
the plugin is therefore made when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcc_ray.platform import Ray

    plugin: Ray


def __getattr__(name: str) -> object:
    if name != "plugin":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mlcc_ray.platform import Ray

    globals()[name] = made = Ray()
    return made
