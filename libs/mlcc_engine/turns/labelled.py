"""Whole conversations as a trainer takes them: tokens, and a label for each that is trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_engine.saving.proof import PASSAGE_TOKENS, REPLIES, REPLY_TOKENS, Passage
from mlcc_engine.train.rows import ROW
from mlcc_engine.turns.reading import Reading
from mlcc_tokens.rendering import render_rows
from mlcc_tokens.turns.choice import Conversing
from mlcc_tokens.turns.encoding import UNTRAINED, Encoded, encode

BATCH_ROWS = 256
"""Rows that are rendered at once."""

Unsaid = Callable[[Collection[str]], None]

IDS, LABELS = "input_ids", "labels"


def build(
    dataset: Any, folder: Path, conversing: Conversing, reading: Reading, unsaid: Unsaid
) -> Any:
    """Write the tokens and labels of all rows, as a dataset whose file lies in ``folder``.

    Args:
        dataset: rows as their own text.
        folder: takes the Arrow file.
        conversing: renders them.
        reading: of the rows.
        unsaid: is told the fields that the template leaves out of each row.

    Raises:
        MlccError: the chat template refuses a row, or nothing in it is trained.
    """
    from datasets import Dataset, Features, Value
    from datasets.arrow_writer import ArrowWriter

    tokens = [Value("int32")]
    arrow = folder / "tokens.arrow"
    with ArrowWriter(features=Features({IDS: tokens, LABELS: tokens}), path=str(arrow)) as writer:
        for encoded in _encoded(dataset, conversing, reading, unsaid):
            writer.write({IDS: encoded.ids, LABELS: encoded.labels})
        writer.finalize()
    return Dataset.from_file(str(arrow))


def _encoded(
    dataset: Any, conversing: Conversing, reading: Reading, unsaid: Unsaid
) -> Iterator[Encoded]:
    tokenizer = conversing.chat.tokenizer
    number = 0
    for batch in dataset.iter(BATCH_ROWS):
        talks = [reading.talk(json.loads(text), "the dataset") for text in batch[ROW]]
        rendered = render_rows(tokenizer, talks, conversing)
        for row, encoded in zip(rendered, encode(tokenizer, rendered), strict=True):
            number += 1
            unsaid(row.unsaid)
            if row.fault is not None:
                raise MlccError(
                    f"Row {number} cannot be trained with this model's chat template: {row.fault}."
                )
            if not encoded.trained:
                raise MlccError(f"Nothing in row {number} is trained: its replies have weight 0.")
            yield encoded


def passages(dataset: Any, longest: int | None = None) -> list[Passage]:
    """Take a trained reply of a few rows.

    Args:
        dataset: of tokens and labels.
        longest: tokens of a row that are trained.
    """
    limit = min(PASSAGE_TOKENS, longest or PASSAGE_TOKENS)
    found: list[Passage] = []
    for index in range(0, len(dataset), -(-len(dataset) // REPLIES)):
        row = dataset[index]
        ids, labels = row[IDS][:limit], row[LABELS][:limit]
        start = next((place for place, label in enumerate(labels) if label != UNTRAINED), 0)
        end = next(
            (place for place in range(start, len(ids)) if labels[place] == UNTRAINED), len(ids)
        )
        end = min(end if start else len(ids), max(start, 1) + REPLY_TOKENS)
        if len(ids[:end]) > 1:
            found.append(Passage(tuple(ids[:end]), max(start, 1)))
    return found
