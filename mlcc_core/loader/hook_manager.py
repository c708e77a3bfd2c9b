"""The hooks of all plugins: pluggy, with the rule that a routine named ``mlcc_…`` answers one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import pluggy

from mlcc_core.contract import hookspecs
from mlcc_core.contract.technique.technique import Technique


class HookManager(pluggy.PluginManager):
    """A pluggy manager that takes every routine named ``mlcc_…`` as an implementation.

    Args:
        specs: the module that declares the hooks.
    """

    def __init__(self, specs: ModuleType = hookspecs) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(specs)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        if not name.startswith("mlcc_") or not inspect.isroutine(getattr(plugin, name, None)):
            return None
        opts = super().parse_hookimpl_opts(plugin, name)
        if opts is None:
            opts = pluggy.HookimplOpts(
                wrapper=False,
                hookwrapper=False,
                optionalhook=False,
                tryfirst=False,
                trylast=False,
                specname=None,
            )
        return opts

    def bound_call(
        self, hook: str, technique: Technique, *, without: Iterable[object] = (), **arguments: Any
    ) -> Any:
        """Call ``hook`` for ``technique`` alone: its own method, inside everybody's wrappers.

        Args:
            hook: its name.
            technique: whose.
            without: plugins whose wrappers are left out.
            **arguments: of the hook.
        """
        others = [
            plugin
            for plugin in self.get_plugins()
            if isinstance(plugin, Technique) and plugin is not technique
        ]
        call = self.subset_hook_caller(hook, remove_plugins=[*others, *without])
        return call(technique=technique, **arguments)

    def answering(self, hook: str) -> list[str]:
        """Return the names that the plugins with ``hook`` are registered under, sorted."""
        return sorted({impl.plugin_name for impl in getattr(self.hook, hook).get_hookimpls()})

    def alone(self, name: str, hook: str) -> Callable[..., Any]:
        """Return ``hook`` of the plugin that is registered as ``name``, to be called alone."""
        found = getattr(self.hook, hook).get_hookimpls()
        others = [impl.plugin for impl in found if impl.plugin_name != name]
        return self.subset_hook_caller(hook, remove_plugins=others)

    def wrappers(self, hook: str) -> list[object]:
        """Return the plugins that wrap ``hook``, the innermost first."""
        found = getattr(self.hook, hook).get_hookimpls()
        return [impl.plugin for impl in found if impl.wrapper or impl.hookwrapper]

    def registered_name(self, plugin: object) -> str:
        """Return the name that ``plugin`` is registered under: ``hooks:tracker``."""
        return self.get_name(plugin) or ""
