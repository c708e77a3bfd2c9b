"""The dataset as the trainers take it: an Arrow file with explicit features, read by mapping."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value
from datasets.arrow_writer import ArrowWriter

from mlcc_core import MlccError, RowForm
from mlcc_engine.train import as_is, rows
from mlcc_tokens.conversation import conversation_of_row
from mlcc_tokens.messages import Message

MESSAGES = [{key: Value("string") for key in Message.__annotations__}]
SCALARS = {bool: Value("bool"), float: Value("float64"), str: Value("string")}


def build(
    path: Path,
    folder: Path,
    *,
    whole_rows: bool,
    form: RowForm = "conversation",
    seen: rows.Seen | None = None,
    talk: rows.Talk = conversation_of_row,
) -> Dataset:
    """The rows of a JSONL file as a dataset whose file, and whose caches, lie in ``folder``.

    Memory stays flat whatever the size of the file.

    Args:
        path: the JSONL file.
        folder: takes the Arrow file.
        whole_rows: for a job with an evaluator: each row has its line under ``row``.
        form: the one in which rows reach the trainer.
        seen: called with every row that becomes a conversation.
        talk: reads a row as one.

    Raises:
        MlccError: a row is wrong (see :mod:`mlcc_engine.train.rows`), or there is none.
        OSError: the file cannot be read, or ``folder`` not written.
    """
    if form == "as-is":
        kinds = as_is.find_kinds(path, whole_rows=whole_rows)
        examples = as_is.examples(path, kinds, whole_rows=whole_rows)
        types = as_is.features({**kinds, rows.ROW: str} if whole_rows else kinds)
        return _written(path, folder, examples, types)
    examples = rows.examples(path, whole_rows=whole_rows, seen=seen, talk=talk)
    return _written(path, folder, examples, None)


def _written(
    path: Path, folder: Path, examples: Iterator[dict[str, Any]], types: Features | None
) -> Dataset:
    """Write examples to an Arrow file; without ``types`` the first one tells them."""
    first = next(examples, None)
    if first is None:
        raise MlccError(f"The dataset {path} has no rows, expected at least one.")
    arrow = folder / "rows.arrow"
    with ArrowWriter(features=types or features(first), path=str(arrow)) as writer:
        for example in chain((first,), examples):
            writer.write(example)
        writer.finalize()
    return Dataset.from_file(str(arrow))


def features(example: dict[str, Any]) -> Features:
    """The type of every column, from one example."""
    return Features(
        {
            column: MESSAGES if isinstance(value, list) else SCALARS[type(value)]
            for column, value in example.items()
        }
    )
