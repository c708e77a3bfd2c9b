"""The staged JSON lines, decoded by ourselves: no reader that guesses types on the way.

``datasets``' own JSON reader turns text that looks like a date into a timestamp even when the
features say string.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from mlcc_core import MlccError
from mlcc_tokens.conversation import PROMPT, ROLE_BY_COLUMN, Conversation, conversation_of_row
from mlcc_tokens.turns.dialogue import Dialogue

ROW = "row"
"""The column that holds a whole line: for a reward function, or of a conversation until it is
rendered."""

RESERVED = frozenset({"image", "images", "tools", "text", "input_ids", "labels", ROW})
"""Columns that would make a trainer do something else than asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the dataset.

    Attributes:
        number: of the line, from 1.
        where: ``file:line``, for messages.
        text: the line as it stands.
        values: what it says.
    """

    number: int
    where: str
    text: str
    values: Mapping[str, Any]


def read(path: Path) -> Iterator[Row]:
    """The rows of a JSONL file, in order; blank lines, CRLF and a byte-order mark are fine.

    Raises:
        MlccError: the file cannot be read; a line is not one JSON object in UTF-8, with its
            number and the cause.
    """
    with _opened(path) as lines:
        for number, raw in enumerate(lines, start=1):
            where = f"{path.name}:{number}"
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if text:
                    yield Row(number, where, text, _decode(text))
            except UnicodeError as error:
                raise _bad_line(f"is not UTF-8: {error}", where) from None
            except (ValueError, RecursionError) as error:
                raise _bad_line(f"is not valid JSON: {_cause(error)}", where) from None


def _bad_line(what: str, where: str) -> MlccError:
    return MlccError(
        f"The line {what}, expected one JSON object.",
        where=where,
        hint="run it again with --validate full, which shows every bad line",
    )


def _cause(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at column {error.colno}"
    return str(error)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise MlccError(f"Cannot read the dataset {path}: {error.strerror}.") from None


def _decode(text: str) -> Mapping[str, Any]:
    values = json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
    if not isinstance(values, dict):
        raise ValueError(f"it holds a {type(values).__name__}")  # noqa: TRY004 - data, not code
    if "\\u" in text:
        json.dumps(values, ensure_ascii=False).encode("utf-8")
    return values


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {next(k for k in keys if keys.count(k) > 1)!r} occurs twice")
    return values


Talk = Callable[[Mapping[str, Any], str], Conversation | Dialogue]
"""Reads the values of a row at a place."""

Seen = Callable[[Row, Collection[str]], None]
"""Called with every row, and the names of its columns of single values that the trainer gets."""


def examples(
    path: Path,
    *,
    whole_rows: bool,
    seen: Seen | None = None,
    talk: Talk = conversation_of_row,
) -> Iterator[dict[str, Any]]:
    """Yield the rows that the trainer is given, as conversations.

    Args:
        path: a JSONL file.
        whole_rows: for a job with an evaluator: the prompt, and the line under ``row``.
        seen: called with every row before it is read as a conversation.
        talk: reads a row. Of a whole conversation only the line is given, under ``row``.

    Raises:
        MlccError: as :func:`read` and :func:`conversation_of_row`; a row unlike the first one.
    """
    scalars: dict[str, type] | None = None
    columns: set[str] = set()
    for row in read(path):
        if scalars is None:
            scalars = {} if whole_rows else scalar_columns(row.values)
        if seen is not None:
            seen(row, scalars)
        found = talk(row.values, row.where)
        example: dict[str, Any] = {ROW: row.text} if isinstance(found, Dialogue) else dict(found)
        if whole_rows:
            if PROMPT not in example:
                raise MlccError(f"The row has no column {PROMPT!r}.", where=row.where)
            yield {PROMPT: example[PROMPT], ROW: row.text}
            continue
        if not isinstance(found, Dialogue):
            example |= {name: _scalar(row, name, kind) for name, kind in scalars.items()}
        columns = columns or set(example)
        if missing := columns ^ example.keys():
            raise MlccError(
                f"The row and the first one differ in column {min(missing)!r}.", where=row.where
            )
        yield example


def rendered_columns(values: Mapping[str, Any]) -> set[str]:
    """Return the columns of a row that :func:`conversation_of_row` reads."""
    if PROMPT not in values and "messages" in values:
        return {"messages"}
    return {column for column in ROLE_BY_COLUMN if column in values}


def scalar_columns(values: Mapping[str, Any]) -> dict[str, type]:
    """Return the columns of single values, which a trainer may need (a label), and their types.

    Args:
        values: of the first row.
    """
    kinds = {bool: bool, int: float, float: float, str: str}
    return {
        column: kinds[type(value)]
        for column, value in values.items()
        if type(value) in kinds and column not in ROLE_BY_COLUMN and column not in RESERVED
    }


def _scalar(row: Row, column: str, kind: type) -> object:
    value = row.values.get(column)
    if value is None:
        return None
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise MlccError(
            f"Column {column!r} holds {json.dumps(value)[:80]}, expected a {kind.__name__} "
            "as in the first row.",
            where=row.where,
        )
    return value
