"""A hint's command as a request: what advice suggests about columns can be tried and asked about.

./do/tune --technique sft --dataset qa.jsonl --column-map "question:prompt,answer:completion"
"""

from __future__ import annotations

import dataclasses
import shlex
from typing import TypeVar

from mlcc_core.actions.requests import DatasetRequest
from mlcc_core.actions.tune.plan.hints import read_flags
from mlcc_core.helpers.text import shown_uri

R = TypeVar("R", bound=DatasetRequest)

COLUMNS = ("column_map", "extract_prompt", "from_messages")
"""Fields of a request that say which columns are meant."""

MORE = ("on_misfit",)
"""Fields that such a command may change beside those."""


def suggested(request: R, hint: str | None) -> R | None:
    """Return the request that a hint's command asks for.

    Args:
        request: as typed.
        hint: of the error that it met.

    Returns:
        ``None`` for a hint that is not the same command for the same dataset with other columns.
    """
    command = (hint or "").partition("   # ")[0]
    if not command.startswith(f"{request.command} --"):
        return None
    try:
        flags = read_flags(shlex.split(command.removeprefix(request.command)))
    except ValueError:  # a quotation mark in a remark
        return None
    if flags is None or flags.pop("dataset", None) != shown_uri(request.dataset):
        return None
    if flags.pop("no_transform", False) == request.transform:
        return None
    typed = {flag for flag, value in flags.items() if value == str(getattr(request, flag, None))}
    flags = {flag: value for flag, value in flags.items() if flag not in typed}
    if not flags.keys() <= {*COLUMNS, *MORE}:
        return None
    changed = dataclasses.replace(request, **flags)
    return changed if columns_of(changed) != columns_of(request) else None


def columns_of(request: DatasetRequest) -> tuple[object, ...]:
    """Return what a request says about columns."""
    return tuple(getattr(request, name) for name in COLUMNS)
