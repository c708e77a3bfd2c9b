"""Options that plugins declare, as options of a click command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from mlcc_core.contract.options import Option


def merged(owners: Mapping[str, Iterable[Option]]) -> dict[str, tuple[Option, list[str]]]:
    """Merge options by key, with the names of the plugins that declare them.

    Two plugins may declare the same flag (techniques of one family do); the first one's help
    text leads.
    """
    found: dict[str, tuple[Option, list[str]]] = {}
    for owner, options in owners.items():
        for option in options:
            found.setdefault(option.key, (option, []))[1].append(owner)
    return found


class OfPlugin(click.Option):
    """An option that a plugin, or a contract of the core's, declares.

    Args:
        also: what other programs call it, as in :attr:`Option.also`.
    """

    def __init__(self, *args: Any, also: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.also = also


def click_option(option: Option, owners: Iterable[str] = ()) -> click.Option:
    """Return a click option; the plan checks ranges, all at once, not click."""
    owned = ", ".join(owners)
    suffix = f" ({owned})" if owned else ""
    if option.type is bool:
        names = [option.flag, option.key]
        return OfPlugin(names, is_flag=True, help=option.help + suffix, also=option.also)
    return OfPlugin(
        [option.flag, option.key],
        type=option.type,
        metavar=option.metavar,
        multiple=option.repeated,
        help=option.help + ("; repeatable" if option.repeated else "") + suffix,
        also=option.also,
    )


def given_values(parsed: Mapping[str, Any]) -> dict[str, object]:
    """Return the options that were given, of all that click parsed, by key."""
    return {
        key: value
        for key, value in parsed.items()
        if value is not None and value is not False and value != ()
    }
