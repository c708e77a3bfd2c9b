"""The keys of a run file: the flags of ``tune`` that decide a run, each with its type."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlcc_core.actions.tune.plan.request import HYPERPARAMETERS, TuneRequest
from mlcc_core.contract.options import Option

if TYPE_CHECKING:
    from mlcc_core.loader.manager import Plugins

NOT_KEYS = ("values", "transform", "force", "dry_run", "wait")
"""Fields of a request that a run file does not hold by their names, or leaves to each call."""

KEYS = {"settings": "set"}
"""Keys of fields that are mappings, where they are called otherwise than the fields."""

NO_TRANSFORM = Option("--no-transform", bool, "Do not flatten chat-format data")
"""The one flag that says the opposite of its field."""


def key_options(plugins: Plugins) -> Mapping[str, Option]:
    """Return the option of every key that a run file may have.

    Args:
        plugins: whose options are keys, too.
    """
    found = {option.key: option for option in (*field_options(), *HYPERPARAMETERS)}
    for technique in plugins.techniques.values():
        found |= {option.key: option for option in technique.options}
    for arguments in plugins.evaluators.values():
        found |= {argument.option.key: argument.option for argument in arguments}
    for options in plugins.run_options.values():
        found |= {option.key: option for option in options}
    for platform in plugins.platforms.values():
        found |= {option.key: option for option in platform.options}
    return found


def field_options() -> Iterator[Option]:
    """Yield the options that are fields of a request, by the types of the fields."""
    hints = typing.get_type_hints(TuneRequest)
    mappings = set(mapping_fields().values())
    for field in dataclasses.fields(TuneRequest):
        if field.name not in (*NOT_KEYS, *mappings):
            yield _option(field.name, hints[field.name])
    yield NO_TRANSFORM


def mapping_fields() -> Mapping[str, str]:
    """Return the fields of a request that are mappings, by their key: values by name."""
    hints = typing.get_type_hints(TuneRequest)
    return {
        KEYS.get(field.name, field.name): field.name
        for field in dataclasses.fields(TuneRequest)
        if typing.get_origin(hints[field.name]) is Mapping and field.name not in NOT_KEYS
    }


def _option(name: str, hint: object) -> Option:
    """Return the option of a field: ``int | None`` takes an integer, a literal its words."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        (hint,) = (part for part in typing.get_args(hint) if part is not type(None))
    flag = "--" + name.replace("_", "-")
    if typing.get_origin(hint) is typing.Literal:
        return Option(flag, str, name, choices=typing.get_args(hint))
    if hint not in (str, int, float, bool):
        raise TypeError(f"the field {name} of a request has the type {hint}: say how a file has it")
    return Option(flag, typing.cast("type[str]", hint), name)
