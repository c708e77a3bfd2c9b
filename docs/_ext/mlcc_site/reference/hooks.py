"""The hooks that a plugin may answer, from their docstrings."""

from __future__ import annotations

from mlcc_core.contract import hookspecs
from mlcc_site.reference.docstrings import function_entry

EVENTS = "Events and extensions"
TECHNIQUE = "Of a technique"
REGISTRATION = "Registration of several"
SEVERAL = ("techniques", "sources", "platforms", "metrics", "model_hubs")


def markdown() -> str:
    """Return every hook under its family."""
    names = [name for name in vars(hookspecs) if name.startswith("mlcc_")]
    families: dict[str, list[str]] = {TECHNIQUE: [], REGISTRATION: [], EVENTS: []}
    for name in names:
        families[family(name)].append(name)
    parts = []
    for heading, members in families.items():
        parts.append(f"## {heading}\n")
        parts += [function_entry(getattr(hookspecs, name), level=3) for name in members]
    return "\n".join(parts)


def family(name: str) -> str:
    """Return the family that a hook belongs to."""
    if name in hookspecs.TECHNIQUE_HOOKS:
        return TECHNIQUE
    return REGISTRATION if name.removeprefix("mlcc_") in SEVERAL else EVENTS
