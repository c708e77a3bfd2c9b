"""Every key that a run file may have: the flags of `tune`, without their dashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from mlcc_core.actions.runs.run_file.keys import field_options, mapping_fields
from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS
from mlcc_core.cli.console import Console
from mlcc_core.cli.main import mlcc
from mlcc_core.contract.options import Option
from mlcc_core.loader.manager import Plugins, build_manager
from mlcc_site.reference.commands import below
from mlcc_site.reference.text import cell, code, table

TYPES = {str: "text", int: "a whole number", float: "a number", bool: "`true` or `false`"}


def markdown() -> str:
    """Return a table of keys for each place that they come from."""
    helps = flag_helps()
    seen: set[str] = set()
    parts = []
    for heading, options in places(build_manager()):
        fresh = {option.key: option for option in options if option.key not in seen}
        seen |= set(fresh)
        if fresh:
            rows = (row(option, helps) for option in fresh.values())
            parts.append(f"## {heading}\n\n{table(('key', 'value', 'means'), rows)}")
    mappings = (
        (code(key), "a mapping of names to values", cell(helps.get(key, "")))
        for key in mapping_fields()
    )
    parts.append(f"## Mappings\n\n{table(('key', 'value', 'means'), mappings)}")
    return "\n".join(parts)


def places(plugins: Plugins) -> Iterator[tuple[str, Iterable[Option]]]:
    """Yield where keys come from, and their options."""
    yield "The run", field_options()
    yield "Hyperparameters", HYPERPARAMETERS
    for name, technique in plugins.techniques.items():
        yield f"Of the technique `{name}`", technique.options
    for name, arguments in plugins.evaluators.items():
        yield f"Evaluators of `{name}`", [argument.option for argument in arguments]
    for name, platform in plugins.platforms.items():
        yield f"Of the platform `{name}`", platform.options
    for name, options in plugins.run_options.items():
        yield f"Of the plugin `{name}`", options


def row(option: Option, helps: dict[str, str]) -> tuple[str, str, str]:
    """Return the row of one key."""
    value = TYPES.get(option.type, "text")
    if option.choices:
        value = ", ".join(code(str(choice)) for choice in option.choices)
    return code(option.key), value, cell(helps.get(option.key) or option.help)


def flag_helps() -> dict[str, str]:
    """Return the help of every flag of ``mlcc tune``, by key."""
    top = click.Context(mlcc, info_name="mlcc", obj=Console([]))
    command = below(mlcc, top, "tune")
    context = click.Context(command, info_name="tune", parent=top)
    return {
        opt.lstrip("-").replace("-", "_"): param.help or ""
        for param in command.get_params(context)
        if isinstance(param, click.Option)
        for opt in param.opts
    }
