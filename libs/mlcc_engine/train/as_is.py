"""Rows that a trainer is given as they are: every column, nested value, turn and ``null``.

Arrow knows one type a column, and a struct has the same keys in every row: a message without tool
calls would get ``"tool_calls": null``, and the parameters of one tool those of all others. So what
is nested or of several types is kept as JSON text, which ``datasets`` decodes when a row is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.train import rows
from mlcc_engine.train.rows import ROW, Row

LARGEST = 2**63
"""Whole numbers from here on fit into no column of numbers."""

Kinds = Mapping[str, type | None]
"""By column, the one type of its values: ``dict`` for JSON text, ``None`` where all are null."""


def find_kinds(path: Path, *, whole_rows: bool) -> Kinds:
    """Return the type of every column, from all rows of a JSONL file.

    Raises:
        MlccError: a line is wrong, or a column has the name that the whole row is kept under.
    """
    kinds: dict[str, type | None] = {}
    for row in rows.read(path):
        if whole_rows and ROW in row.values:
            raise MlccError(
                f"A column is called {ROW!r}, the name under which reward functions find the row.",
                where=row.where,
                hint=f'--column-map "{ROW}:NAME"',
            )
        for column, value in row.values.items():
            kind = _kind(value)
            before = kinds.setdefault(column, kind)
            if kind is not None and before is not kind:
                kinds[column] = kind if before is None else dict
    return kinds


def _kind(value: object) -> type | None:
    if value is None:
        return None
    if isinstance(value, (dict, list)) or (isinstance(value, int) and abs(value) >= LARGEST):
        return dict
    return type(value)


def examples(path: Path, kinds: Kinds, *, whole_rows: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows as they are stored; a column that a row lacks is null.

    Args:
        path: a JSONL file.
        kinds: of its columns.
        whole_rows: for a job with an evaluator: each row also has its line under ``row``.

    Raises:
        MlccError: a line is wrong, or a value cannot be kept exactly.
    """
    for row in rows.read(path):
        example = {
            column: _as_text(row, column) if kind is dict else row.values.get(column)
            for column, kind in kinds.items()
        }
        yield {**example, ROW: row.text} if whole_rows else example


def _as_text(row: Row, column: str) -> str | None:
    """Return a value as JSON text that is decoded to the same value.

    Raises:
        MlccError: the library's decoder makes another one of it.
    """
    from datasets import Json

    value = row.values.get(column)
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False)
    try:
        exact = Json().decode_example(text) == value
    except ValueError:
        exact = False
    if not exact:
        raise MlccError(
            f"Column {column!r} holds a number that does not reach the trainer exactly.",
            where=row.where,
            hint="write the number as text",
        )
    return text


def features(kinds: Kinds) -> Any:
    """Return the types of the columns as ``datasets`` has them."""
    from datasets import Features, Json, Value

    names: Mapping[type | None, str] = {
        None: "null",
        bool: "bool",
        int: "int64",
        float: "float64",
        str: "string",
    }
    return Features(
        {column: Json() if kind is dict else Value(names[kind]) for column, kind in kinds.items()}
    )
