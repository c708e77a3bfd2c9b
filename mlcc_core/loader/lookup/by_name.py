"""A plugin found by its name, or the error that names the one that was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import unknown_name
from mlcc_core.loader.entry_points import PluginRecord

N = TypeVar("N")


def find_plugin(
    kind: str,
    plugins: Mapping[str, N],
    name: str,
    flag: str,
    left_out: Iterable[PluginRecord],
    *,
    meant: Sequence[str] = (),
    mend: Callable[[str], str] | None = None,
) -> N:
    """Return the plugin of that name.

    Args:
        kind: as the user calls it: "technique".
        plugins: of this kind, by name.
        name: as it was given.
        flag: that it was given by.
        left_out: every plugin that was found; one of them may be disabled or broken.
        meant: names that an unknown one is known to stand for.
        mend: gives the command with another name; the list of all plugins otherwise.

    Raises:
        MlccError: there is none; what was meant and all names are listed.
    """
    if name in plugins:
        return plugins[name]
    for record in left_out:
        broken = record.state in ("broken", "disabled") and record.kind in (kind, "?")
        if broken and record.name == name:
            raise MlccError(
                f"The {kind} {name!r} is {record.state}: {record.reason}.",
                where=flag,
                hint="mlcc plugins",
            )
    raise unknown_name(kind, name, plugins, where=flag, hint="mlcc plugins", meant=meant, mend=mend)


def names_of(name: str, called: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the plugins that other programs call ``name``.

    Args:
        name: in any case.
        called: the other names of each plugin, by its own.

    Example:
        >>> names_of("GRPO", {"dpo": (), "rlaif": ("grpo",), "rlvr": ("grpo", "rl")})
        ['rlaif', 'rlvr']
    """
    return [own for own, others in called.items() if name.casefold() in others]
