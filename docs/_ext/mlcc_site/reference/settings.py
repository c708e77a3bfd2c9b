"""Variables of `do/config` and the environment that plugins declare."""

from __future__ import annotations

from collections.abc import Iterator

from mlcc_core.loader.manager import build_manager
from mlcc_site.reference.text import cell, code, table


def markdown() -> str:
    """Return a table of every declared setting, and of who reads it."""
    return table(("variable", "means", "default", "read by", "needed"), rows())


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row for each variable; one that several plugins declare stands once."""
    plugins = build_manager()
    found: dict[str, tuple[str, str, list[str], bool]] = {}
    owners = [
        *((f"platform `{name}`", each.settings) for name, each in plugins.platforms.items()),
        *((f"source `{name}`", each.settings) for name, each in plugins.sources.items()),
    ]
    for owner, settings in owners:
        for setting in settings:
            known = found.setdefault(
                setting.variable, (setting.help, setting.default, [], setting.required)
            )
            known[2].append(owner)
    for variable, (help_of_it, default, by, required) in sorted(found.items()):
        yield (
            code(variable),
            cell(help_of_it),
            code(default),
            ", ".join(by),
            "yes" if required else "",
        )
