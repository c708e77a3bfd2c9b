"""Commands of plugins: the entry points of ``mlcc.commands``, found without an import."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint

from mlcc_core.loader.entry_points import (
    COMMAND_GROUP,
    DISABLE_VARIABLE,
    Disabled,
    PluginRecord,
    State,
    origin_of,
    points_of,
)
from mlcc_core.loader.versions import unmet

CORE_COMMANDS = frozenset(
    (
        *("init", "tune", "stop", "logs", "check", "adapter", "add-ic", "deploy", "undeploy"),
        *("test", "train", "bootstrap", "secrets", "plugins", "catalog", "doctor", "demo"),
        *("completion", "models", "runs", "wait", "evaluate", "chat", "serve", "export", "push"),
    )
)
"""Names that a plugin's command cannot have; a test holds them to mlcc's own commands."""


def command_points() -> dict[str, list[EntryPoint]]:
    """Return the entry points of the group by name, sorted; several where plugins clash."""
    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(points_of(COMMAND_GROUP), key=lambda p: (p.name, p.value)):
        others = found.setdefault(point.name, [])
        if (point.value, origin_of(point)) not in ((p.value, origin_of(p)) for p in others):
            others.append(point)
    return found


def command_records(disabled: Disabled) -> list[PluginRecord]:
    """Return a record for each command of a plugin, as ``mlcc plugins`` shows it."""
    records = []
    for name, points in command_points().items():
        allowed = [point for point in points if not is_disabled(name, disabled)]
        for point in points:
            state, reason = _judge(point, allowed)
            records.append(PluginRecord("command", name, origin_of(point), state, reason))
    return records


def is_disabled(name: str, disabled: Disabled) -> bool:
    """Return whether ``MLCC_DISABLE_PLUGINS`` names the command: ``hello``, ``command:hello``."""
    return disabled.plugin("command", name)


def _judge(point: EntryPoint, allowed: Iterable[EntryPoint]) -> tuple[State, str]:
    """Return the state of a command, and the reason where it cannot be called."""
    others = [str(origin_of(other)) for other in allowed if other is not point]
    if point not in allowed:
        return "disabled", f"by {DISABLE_VARIABLE}"
    if point.name in CORE_COMMANDS:
        return "broken", f"mlcc has a command {point.name!r} of its own"
    if others:
        return "broken", f"{' and '.join(others)} brings a command {point.name!r}, too"
    needs = unmet(point.dist)
    return ("broken", needs) if needs else ("ok", "")
