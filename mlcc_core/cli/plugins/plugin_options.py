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


def click_option(option: Option, owners: Iterable[str] = ()) -> click.Option:
    """Return a click option; the plan checks ranges, all at once, not click."""
    names = ", ".join(owners)
    suffix = f" ({names})" if names else ""
    if option.type is bool:
        return click.Option([option.flag, option.key], is_flag=True, help=option.help + suffix)
    return click.Option(
        [option.flag, option.key],
        type=option.type,
        metavar=option.metavar,
        multiple=option.repeated,
        help=option.help + ("; repeatable" if option.repeated else "") + suffix,
    )


def given_values(parsed: Mapping[str, Any]) -> dict[str, object]:
    """Return the options that were given, of all that click parsed, by key."""
    return {
        key: value
        for key, value in parsed.items()
        if value is not None and value is not False and value != ()
    }
