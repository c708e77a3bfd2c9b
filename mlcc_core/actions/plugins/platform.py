"""Checks of a platform: its parts, its engines, and whether it keeps what it declares."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.actions.plugins.line import PluginCheck
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.contract.platform.runner import JobRunner
from mlcc_core.errors import MlccError
from mlcc_core.loader.guard.objects import PARTS, is_overridden

OF_SETTINGS = ("list_settings", "check_settings")
"""Methods of a runner whose defaults know no settings."""


def platform_checks(platform: Platform) -> Iterator[PluginCheck]:
    """Look at each part of a platform, at its settings and at its engines."""
    for part in PARTS:
        yield _part(platform, part)
    if platform.takes_settings:
        yield _settings(platform)
    engines = ", ".join(engine.name for engine in platform.engines)
    if engines:
        yield PluginCheck("engines", "ok", engines)
    else:
        yield PluginCheck("engines", "failed", "none: no technique can be trained")


def _part(platform: Platform, part: str) -> PluginCheck:
    try:
        found = getattr(platform, part)
    except MlccError as error:
        return PluginCheck(part, "failed", error.what, error.hint)
    return PluginCheck(part, "ok", "none" if found is None else "there")


def _settings(platform: Platform) -> PluginCheck:
    """Look whether the runner knows the settings that the platform says it takes."""
    name = "takes_settings"
    try:
        runner = platform.runner
    except MlccError as error:
        return PluginCheck(name, "failed", error.what, error.hint)
    lists, checks = (is_overridden(runner, JobRunner, each) for each in OF_SETTINGS)
    if not lists:
        lacks = OF_SETTINGS[0] if checks else " and no ".join(OF_SETTINGS)
        said = f"the runner has no {lacks}: nothing is known of --set"
        return PluginCheck(name, "failed", said, "takes_settings = False   # or write them")
    how = "and checks them" if checks else "them; build_request has to check them"
    return PluginCheck(name, "ok", f"the runner lists {how}")
