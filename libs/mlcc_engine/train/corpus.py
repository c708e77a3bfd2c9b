"""The dataset as the trainers take it: an Arrow file with explicit features, read by mapping."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value
from datasets.arrow_writer import ArrowWriter

from mlcc_core import MlccError
from mlcc_engine.train import rows
from mlcc_tokens.messages import Message

MESSAGES = [{key: Value("string") for key in Message.__annotations__}]
SCALARS = {bool: Value("bool"), float: Value("float64"), str: Value("string")}


def build(path: Path, folder: Path, *, whole_rows: bool) -> Dataset:
    """The rows of a JSONL file as a dataset whose file, and whose caches, lie in ``folder``.

    Memory stays flat whatever the size of the file.

    Raises:
        MlccError: a row is wrong (see :mod:`mlcc_engine.train.rows`), or there is none.
        OSError: the file cannot be read, or ``folder`` not written.
    """
    examples = rows.examples(path, whole_rows=whole_rows)
    first = next(examples, None)
    if first is None:
        raise MlccError(f"The dataset {path} has no rows, expected at least one.")
    arrow = folder / "rows.arrow"
    with ArrowWriter(features=features(first), path=str(arrow)) as writer:
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
