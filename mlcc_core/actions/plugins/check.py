"""``plugins check``: an installed plugin looked at from all sides, one line a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from mlcc_core.actions.plugins.importing import Import, try_import
from mlcc_core.actions.plugins.line import PluginCheck
from mlcc_core.actions.plugins.metric import metric_checks
from mlcc_core.actions.plugins.platform import platform_checks
from mlcc_core.actions.plugins.technique import technique_checks
from mlcc_core.contract.source import Source
from mlcc_core.contract.version import API_VERSION
from mlcc_core.errors import MlccError
from mlcc_core.helpers.extras import install_command
from mlcc_core.helpers.names import unknown_name
from mlcc_core.loader.entry_points import PluginRecord
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_core.loader.plugin_checks import PLUGIN_TYPES

SLOW_SECONDS = 1.0
"""An import that takes longer is felt in every ``mlcc --help``."""

TRIES = 3
"""Imports that are measured where the first one is slow: the machine may be busy."""


def check_plugin(name: str, plugins: Plugins | None = None) -> list[PluginCheck]:
    """Look at an installed plugin: its import, version, names, flags, answers and output.

    Args:
        name: of the plugin, or ``kind:name``, or of its entry point.
        plugins: ``None`` loads the installed ones.

    Raises:
        MlccError: there is none of that name, or several.
        PluginError: it breaks the contract so that it cannot be registered.
    """
    plugins = plugins or build_manager()
    record = find_record(name, plugins)
    checks = [_state(record)]
    if record.origin.entry_point:
        checks += _import_checks(record)
    if record.state in ("broken", "disabled"):
        return checks
    printed = StringIO()
    with redirect_stderr(printed):
        checks += _object_checks(record, plugins)
    lines = printed.getvalue().splitlines()
    found = f"it prints: {lines[0][:80]}" if lines else "nothing is printed"
    checks.append(PluginCheck("output", "warning" if lines else "ok", found))
    return checks


def find_record(name: str, plugins: Plugins) -> PluginRecord:
    """Return the row of the plugin that ``name`` means.

    Raises:
        MlccError: there is none, or several.
    """
    found = [r for r in plugins.records if name in (r.name, f"{r.kind}:{r.name}")]
    found = found or [r for r in plugins.records if r.origin.entry_point == name]
    if len(found) == 1:
        return found[0]
    known = [f"{record.kind}:{record.name}" for record in plugins.records]
    if found:
        names = [f"{record.kind}:{record.name}" for record in found]
        raise MlccError(
            f"Several plugins are named {name!r}: {', '.join(names)}.",
            where="NAME",
            hint=f"mlcc plugins check {names[0]}",
        )
    raise unknown_name(
        "plugin",
        name,
        known,
        where="NAME",
        hint=_installed_by(name),
        mend=lambda close: f"mlcc plugins check {close}",
    )


def _installed_by(name: str) -> str:
    """Return the command that installs a plugin which ``mlcc plugins new`` may have written."""
    folder = f"mlcc-{name.rpartition(':')[2].replace('_', '-')}"
    if (Path(folder) / "pyproject.toml").is_file():
        return install_command("-e", f"{folder}[test]")
    return f"{install_command('-e', 'FOLDER')}   # where its pyproject.toml is; see mlcc plugins"


def _state(record: PluginRecord) -> PluginCheck:
    if record.state == "ok":
        return PluginCheck("plugin", "ok", f"{record.kind} {record.name} ({record.origin})")
    return PluginCheck("plugin", "failed", f"{record.state}: {record.reason}", "mlcc plugins")


def _import_checks(record: PluginRecord) -> Iterator[PluginCheck]:
    module = record.origin.value.partition(":")[0]
    found = _quickest(module)
    if found.error is not None:
        hint = f"python -c 'import {module}'"
        yield PluginCheck("import", "failed", found.error, hint)
        return
    took = f"{found.seconds:.2f} seconds"
    hint = f"python -X importtime -c 'import {module}'"
    if found.heavy:
        loads = f"{took}; it loads {', '.join(found.heavy)}: import them inside functions"
        yield PluginCheck("import", "failed", loads, hint)
    elif found.seconds > SLOW_SECONDS:
        yield PluginCheck("import", "failed", f"{took}, expected at most {SLOW_SECONDS:g}", hint)
    else:
        yield PluginCheck("import", "ok", took)
    if found.printed:
        said = f"the import prints to stdout: {found.printed[0][:80]}"
        yield PluginCheck("stdout", "failed", said, f"python -c 'import {module}'")
    else:
        yield PluginCheck("stdout", "ok", "the import prints nothing")


def _quickest(module: str) -> Import:
    """Import a module, and again while that is slow; return the quickest import, or what failed."""
    found = try_import(module)
    for _ in range(TRIES - 1):
        if found.error is not None or found.seconds <= SLOW_SECONDS:
            break
        found = min(found, try_import(module), key=lambda one: (one.error is None, one.seconds))
    return found


def _object_checks(record: PluginRecord, plugins: Plugins) -> Iterator[PluginCheck]:
    if record.kind not in PLUGIN_TYPES:
        return
    yield _version(plugins.stated_version(record.kind, record.name))
    yield PluginCheck("names and hooks", "ok", "as the contract has them")
    if record.kind == "technique":
        yield from technique_checks(plugins, record.name)
    elif record.kind == "platform":
        yield from platform_checks(plugins.platforms[record.name])
    elif record.kind == "metric":
        yield from metric_checks(plugins.metrics[record.name])
    elif record.kind == "model_hub":
        yield PluginCheck("title", "ok", plugins.model_hubs[record.name].title)
    else:
        yield _addresses(plugins.sources[record.name])


def _addresses(source: Source) -> PluginCheck:
    """Look whether the form of addresses that people are told begins as the source's do."""
    known = [f"{scheme}://" if scheme else "" for scheme in source.schemes]
    if any(begin in source.uri_help for begin in (*known, *source.addresses)):
        return PluginCheck("addresses", "ok", source.uri_help)
    hint = f"uri_help = {known[0] + '…'!r}" if known else None
    return PluginCheck(
        "addresses", "failed", f"{source.uri_help}: expected {' or '.join(known)}", hint
    )


def _version(stated: object) -> PluginCheck:
    if stated is None:
        hint = f'api_version = "{API_VERSION}"   # in the class or its module'
        return PluginCheck("API version", "warning", "none is stated", hint)
    return PluginCheck("API version", "ok", str(stated))
