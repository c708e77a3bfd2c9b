"""Import strings by which the process of a job finds the training call-backs of plugins.

A job may run in another process, on another machine or in a container, where nothing is loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType

import pluggy

from mlcc_core.loader.entry_points import Origin

HOOK = "mlcc_training_callbacks"


def factories(hooks: pluggy.PluginManager, origins: Mapping[str, Origin]) -> tuple[str, ...]:
    """Return the factory of each plugin that has the hook, sorted.

    Args:
        hooks: of all plugins.
        origins: of the plugins, by the name they are registered under.

    Returns:
        Import strings: ``package.module:object.mlcc_training_callbacks``. An object that is not
        what its entry point names has none.
    """
    return tuple(sorted(_found(hooks, origins)))


def _found(hooks: pluggy.PluginManager, origins: Mapping[str, Origin]) -> Iterator[str]:
    for impl in getattr(hooks.hook, HOOK).get_hookimpls():
        if isinstance(impl.plugin, ModuleType):
            yield f"{impl.plugin.__name__}:{HOOK}"
            continue
        module, _, path = origins[impl.plugin_name].value.partition(":")
        found: object = sys.modules.get(module)
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is impl.plugin:
            yield f"{module}:{path}.{HOOK}"
