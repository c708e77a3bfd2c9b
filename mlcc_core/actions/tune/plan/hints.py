"""Whole commands in place of hints that name flags alone.

A platform knows the flag that mends a job, not the command that the user typed:

    pass --max-seq-length 125
    ./do/tune --technique sft --max-seq-length 125 --dataset train.jsonl

    leave --packing out
    ./do/tune --technique sft --dataset train.jsonl   # without --packing
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import shown_uri
from mlcc_core.staging import Conversion
from mlcc_core.staging.model.request import quote

HINT = re.compile(r"(?:pass )?(?P<flags>--[a-z](?:[^#,]|,(?=\S))*?)(?P<comment>\s+#.*)?\Z")
"""Flags and their values, with a comment behind them at most."""

LEAVE = re.compile(r"leave (?P<flag>--[a-z][a-z-]*) out\Z")
"""A flag that is too much."""


@contextmanager
def whole_commands(request: TuneRequest | ScriptRequest) -> Iterator[None]:
    """Give the error of the block, where its hint is of flags alone, the whole command as hint.

    Raises:
        MlccError: as the block.
    """
    try:
        yield
    except MlccError as error:
        error.hint = whole_command(error.hint, request) or error.hint
        raise


@contextmanager
def command_with_uri(command: str, conversion: Conversion) -> Iterator[None]:
    """Put another URI into the user's command: who suggests it does not know the command.

    Raises:
        MlccError: as the block.
    """
    from mlcc_core.contract.source import OtherUri

    try:
        yield
    except OtherUri as error:
        error.hint = " ".join(
            [command, f"--dataset {quote(shown_uri(error.uri))}", *conversion.flags()]
        )
        raise


def whole_command(
    hint: str | None, request: TuneRequest | ScriptRequest, **changes: Any
) -> str | None:
    """Return the command line of ``request`` with the flags of a hint.

    Args:
        hint: ``--max-seq-length 125``, ``pass --role ARN   # or another``, ``leave --packing out``.
        request: as typed.
        changes: further fields to be different, ``force=True``.

    Returns:
        ``None`` for a hint that is more than flags, or less.
    """
    leave = LEAVE.match(hint or "")
    if leave is not None:
        return _without(leave["flag"], request, **changes)
    match = HINT.match(hint or "")
    if match is None:
        return None
    try:
        given = read_flags(shlex.split(match["flags"]))
    except ValueError:  # an apostrophe in a sentence
        return None
    if given is None:
        return None
    # Fields of a request have flags of their own; other flags are in its ``values``.
    own = {field.name for field in dataclasses.fields(request)} - {"values"}
    fields = {key: given.pop(key) for key in own & given.keys()}
    if isinstance(request, ScriptRequest) and "input" in given:
        fields["inputs"] = _inputs(request.inputs, given.pop("input"))
    values = {**request.values, **given}
    changed = dataclasses.replace(request, values=values, **fields)
    return changed.command_line(**changes) + (match["comment"] or "")


def _without(flag: str, request: TuneRequest | ScriptRequest, **changes: Any) -> str | None:
    """Return the command line without a flag; ``None`` where it was not among the flags."""
    key = flag.removeprefix("--").replace("-", "_")
    if key not in request.values:
        return None
    values = {name: value for name, value in request.values.items() if name != key}
    left = dataclasses.replace(request, values=values)
    return f"{left.command_line(**changes)}   # without {flag}"


def _inputs(inputs: Mapping[str, str], given: object) -> Mapping[str, str]:
    """Return a script's channels with those of a hint, which take the place of the same data."""
    pairs = [text.partition("=") for text in (given if isinstance(given, tuple) else (given,))]
    found = {name: place for name, _, place in pairs}
    same = {str(Path(place).absolute()) for place in found.values()}
    kept = {
        name: place for name, place in inputs.items() if str(Path(place).absolute()) not in same
    }
    return {**kept, **found}


def read_flags(words: Sequence[str]) -> dict[str, Any] | None:
    """Return the values of ``--flag VALUE`` and ``--flag``, by option key.

    A flag that comes several times has a tuple of them. ``None`` where other words follow.
    """
    found: dict[str, list[Any]] = {}
    key = None
    for word in words:
        if word.startswith("--"):
            key = word.removeprefix("--").replace("-", "_")
            found.setdefault(key, []).append(True)
        elif key is None or found[key][-1] is not True:
            return None
        else:
            found[key][-1] = word
    return {key: tuple(each) if len(each) > 1 else each[0] for key, each in found.items()}
