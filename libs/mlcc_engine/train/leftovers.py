"""Parts of rows that no conversation renders: refused if they carry meaning, else counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import plural
from mlcc_engine.train.rows import Row, rendered_columns
from mlcc_engine.turns.reading import Reading
from mlcc_tokens.turns.dialogue import SPOKEN as SPOKEN_IN_TURNS

CONTEXT = frozenset({"tools", "functions", "image", "images", "audio", "video", "videos"})
"""Columns that are part of what the model is asked; the engine renders none of them."""

RENDERED = frozenset({*SPOKEN_IN_TURNS, "weight"})
"""Fields of a message that a whole conversation is rendered with, or trained by."""

SPOKEN = frozenset(
    {
        *("tool_calls", "function_call", "tool_call_id", "images", "audio"),
        *("reasoning_content", "reasoning", "thinking"),
    }
)
"""Fields of a message that are part of what is said in it."""

SYSTEM = ("system", "system_prompt")
"""Columns of system text, rendered before a ``messages`` column alone."""

MEND = (
    "leave it out of the data, or use a technique that gives its trainer rows as they are: "
    "mlcc plugins"
)


@dataclass(slots=True)
class Leftovers:
    """Counts what the trainer is not given of the rows.

    Attributes:
        scored: the job has an evaluator, which is given every row whole.
        reading: of the rows.
        columns, fields: rows by the column, and messages by the field, that were left out.
        replies: rows with replies before the last, which are read as context, not learned.
        unweighted: replies with weight 0, which are context likewise.
    """

    scored: bool = False
    reading: Reading = field(default_factory=Reading)
    columns: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    replies: int = 0
    unweighted: int = 0

    def add(self, row: Row, scalars: Collection[str]) -> None:
        """Take note of a row.

        Args:
            row: as it is staged.
            scalars: names of the columns of single values that the trainer is given.

        Raises:
            MlccError: what would be left out is part of what the model is asked or answers.
        """
        whole = self.reading.is_whole(row.values)
        rendered = {"messages", "tools"} if whole else rendered_columns(row.values)
        for column, value in row.values.items():
            if column in rendered:
                self._add_rendered(row, column, value, whole=whole)
            elif _is_empty(value) or (column in SYSTEM[:1] and "messages" in rendered):
                continue
            elif column in CONTEXT or column in SYSTEM:
                raise MlccError(
                    f"Column {column!r} would reach neither the model nor the trainer.",
                    where=row.where,
                    hint=MEND,
                )
            elif column not in scalars and not self.scored:
                self.columns[column] += 1
        learned_all = whole and self.reading.train_on == "all"
        if not (self.scored or learned_all) and _has_earlier_reply(row.values, rendered):
            self.replies += 1

    def add_unsaid(self, fields: Collection[str]) -> None:
        """Take note of fields of messages that the chat template leaves out.

        Args:
            fields: their names, one a message.
        """
        self.fields.update(fields)

    def lines(self) -> Iterator[str]:
        """Tell people what was counted."""
        for column, count in self.columns.items():
            yield f"ℹ️  Column {column!r} of {plural(count, 'row')} does not reach the trainer."
        for name, count in self.fields.items():
            yield f"ℹ️  Field {name!r} of {plural(count, 'message')} is not rendered."
        if self.replies:
            yield (
                f"ℹ️  {plural(self.replies, 'row')} {'has' if self.replies == 1 else 'have'} "
                "earlier replies: they are read as context, and only the last one is trained."
            )
        if self.unweighted:
            have = "has" if self.unweighted == 1 else "have"
            yield (
                f"ℹ️  {self.unweighted:,} {'reply' if self.unweighted == 1 else 'replies'} {have} "
                "weight 0: read as context, not trained."
            )

    def _add_rendered(self, row: Row, column: str, value: Any, *, whole: bool) -> None:
        """Take note of a column of messages that is rendered, or of tools."""
        if column == "tools":
            return
        self._count_fields(row, column, value, given=RENDERED if whole else ())
        if whole:
            replies = (turn for turn in _messages(value) if turn.get("role") == "assistant")
            self.unweighted += sum(turn.get("weight") == 0 for turn in replies)

    def _count_fields(self, row: Row, column: str, value: Any, *, given: Collection[str]) -> None:
        for number, message in enumerate(_messages(value), start=1):
            for name, content in message.items():
                if name in ("role", "content") or name in given or _is_empty(content):
                    continue
                if name in SPOKEN:
                    raise MlccError(
                        f"Message {number} of column {column!r} has {name!r}, which would reach "
                        "neither the model nor the trainer.",
                        where=row.where,
                        hint=MEND,
                    )
                self.fields[name] += 1


def _has_earlier_reply(values: Mapping[str, Any], rendered: Collection[str]) -> bool:
    """Return whether the assistant speaks before what is trained."""
    before = _messages(values["messages"])[:-1] if "messages" in rendered else []
    if "prompt" in rendered and len(rendered) > 1:
        before = _messages(values["prompt"])
    return any(message.get("role") == "assistant" for message in before)


def _messages(value: object) -> list[Mapping[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [message for message in found if isinstance(message, dict) and "role" in message]


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})
