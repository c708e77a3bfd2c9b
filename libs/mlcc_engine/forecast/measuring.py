"""The rows of a job, rendered and measured before it starts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, TokenLimits
from mlcc_engine.forecast import as_text
from mlcc_engine.forecast.measured import Lengths
from mlcc_engine.request import Request
from mlcc_engine.train import rows
from mlcc_engine.train.leftovers import Leftovers
from mlcc_engine.train.rows import Row
from mlcc_tokens.conversation import Conversation
from mlcc_tokens.count_tokens import lengths
from mlcc_tokens.rendered import Rendered
from mlcc_tokens.rendering import render_rows
from mlcc_tokens.turns.choice import Conversing
from mlcc_tokens.turns.dialogue import Dialogue

READING_TIME = 10.0
"""Seconds that are spent on measuring rows, at most; how many were measured is said."""

BATCH_ROWS = 64
"""Rows that are measured at once."""


def limits_of(values: Mapping[str, Any], fields: Mapping[str, Any]) -> TokenLimits:
    """Return the limits of a row and its prompt, by hyperparameters and the Config's defaults."""
    return TokenLimits(
        row=values.get("max_length", fields.get("max_length")),
        prompt=values.get("max_prompt_length"),
    )


def measure(
    request: Request,
    tokenizer: Any,
    limits: TokenLimits,
    leftovers: Leftovers,
    conversing: Conversing | None,
    seconds: float = READING_TIME,
) -> Lengths:
    """Measure the rows of a job, in the form in which they reach its trainer.

    Args:
        request: of the job.
        tokenizer: of the model.
        limits: of a row and its prompt.
        leftovers: reads the rows, and counts what is not rendered.
        conversing: renders whole conversations; ``None`` where the rows are none.
        seconds: to spend on counting tokens.

    Raises:
        MlccError: a row is wrong, or cannot be rendered.
    """
    if request.row_form == "as-is":
        return as_text.measure(request, tokenizer, limits, seconds)
    return Measuring(request, tokenizer, limits, leftovers, conversing).measure(seconds)


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures the rows of a job.

    Attributes:
        request: of the job.
        tokenizer: of the model.
        limits: of a row and its prompt.
        leftovers: reads the rows, and counts what is not rendered.
        conversing: renders whole conversations; ``None`` where the rows are none.
    """

    request: Request
    tokenizer: Any
    limits: TokenLimits
    leftovers: Leftovers
    conversing: Conversing | None

    def measure(self, seconds: float) -> Lengths:
        """Measure as many rows as there is time for; every row is rendered.

        Args:
            seconds: to spend on counting tokens.

        Raises:
            MlccError: a row is wrong, holds what would not be rendered, or the chat template
                refuses it.
        """
        found = Lengths()
        deadline = time.monotonic() + seconds
        for batch in self._batches():
            found.rows += len(batch)
            talks = [self._talk(row) for row in batch]
            rendered = render_rows(self.tokenizer, talks, self.conversing)
            for row, talk, text in zip(batch, talks, rendered, strict=True):
                self._check(row, text)
                found.replies = max(found.replies, len(text.prompt_with_each_reply))
                if isinstance(talk, Dialogue) and not talk.trained:
                    found.unweighted.append(row.number)
            if found.measured and time.monotonic() > deadline:
                continue
            for row, tokens in zip(batch, lengths(self.tokenizer, rendered), strict=True):
                found.add(row.number, tokens, self.limits)
        return found

    def _batches(self) -> Iterator[list[Row]]:
        """Yield the rows; what is not rendered of them is counted."""
        unread = rows.read(Path(self.request.dataset))
        scalars: dict[str, type] | None = None
        while batch := list(islice(unread, BATCH_ROWS)):
            if scalars is None:
                scalars = {} if self.conversing else rows.scalar_columns(batch[0].values)
            for row in batch:
                self.leftovers.add(row, scalars)
            yield batch

    def _talk(self, row: Row) -> Conversation | Dialogue:
        talk = self.leftovers.reading.talk(row.values, row.where)
        if isinstance(talk, Dialogue) is (self.conversing is None):
            raise MlccError(
                "The row and the first one differ: only one of them has a column 'messages'.",
                where=row.where,
            )
        return talk

    def _check(self, row: Row, text: Rendered) -> None:
        self.leftovers.add_unsaid(text.unsaid)
        if text.fault is not None:
            raise MlccError(
                f"The chat template of {self.request.model} refuses the row: {text.fault}",
                where=row.where,
            )
