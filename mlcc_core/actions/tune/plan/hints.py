"""Whole commands in place of hints that name flags alone.

A platform knows the flag that mends a job, not the command that the user typed:

    --max-seq-length 125
    ./do/tune --technique sft --max-seq-length 125 --dataset train.jsonl
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.errors import MlccError

HINT = re.compile(r"(?:pass )?(?P<flags>--[a-z](?:[^#,]|,(?=\S))*?)(?P<comment>\s+#.*)?\Z")
"""Flags and their values, with a comment behind them at most."""


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


def whole_command(
    hint: str | None, request: TuneRequest | ScriptRequest, **changes: Any
) -> str | None:
    """Return the command line of ``request`` with the flags of a hint.

    Args:
        hint: ``--max-seq-length 125``, ``pass --role ARN   # or another``.
        request: as typed.
        changes: further fields to be different, ``force=True``.

    Returns:
        ``None`` for a hint that is more than flags, or less.
    """
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
    values = {**request.values, **given}
    changed = dataclasses.replace(request, values=values, **fields)
    return changed.command_line(**changes) + (match["comment"] or "")


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
