"""The prompts of ``mlcc test``: typed, or rows of a file."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.errors import MlccError, Problems
from mlcc_core.helpers.text import first_line
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.tools import read_tools

USER, ASSISTANT, SYSTEM = "user", "assistant", "system"
COLUMNS = ("prompt", "messages", "question")
"""Columns of a row that may hold its prompt, the first one that is there."""

IN_CSV = ("prompt", "question")
"""Those of a table, whose cells are text."""

ENDINGS = (".txt", ".jsonl", ".csv")

SHOWN = 5
"""Wrong rows that are told at most, before their count."""

STDIN = "-"
"""The name of standard input."""

EXAMPLE = '{"prompt": "What is the capital of France?"}'


@dataclass(frozen=True)
class Question:
    """A prompt to be asked.

    Attributes:
        text: the user's last words, for people.
        messages: the conversation up to there.
        tools: that the reply may call.
        where: the row that it comes from: ``prompts.txt:3``; ``None`` for a typed one.
    """

    text: str
    messages: tuple[Mapping[str, object], ...]
    where: str | None = None
    tools: tuple[object, ...] = ()

    @classmethod
    def of(cls, text: str, where: str | None = None) -> Question:
        """Return the question of a user who says nothing else."""
        return cls(text, ({"role": USER, "content": text},), where)

    def prompt_with(self, system: str | None) -> Prompt:
        """Return the prompt, with another system message or its own."""
        if system is None:
            return Prompt(self.messages, self.tools)
        own = self.messages[0].get("role") == SYSTEM
        rest = self.messages[1:] if own else self.messages
        return Prompt(({"role": SYSTEM, "content": system}, *rest), self.tools)


def read_questions(place: str) -> list[Question]:
    """Read prompts: a line each, or a row each with one of :data:`COLUMNS`.

    Args:
        place: a file that ends in one of :data:`ENDINGS`; ``-`` for standard input, whose first
            character tells.

    Raises:
        MlccError: it cannot be read, rows have no prompt, or there is none at all.
    """
    text = _text(place)
    name = "<stdin>" if place == STDIN else place
    found: list[Question] = []
    wrong: list[MlccError] = []
    for begin in _begun(text, name):
        try:
            found.append(begin())
        except MlccError as error:
            wrong.append(error)
    if len(wrong) > 1:
        total = MlccError(f"{len(wrong)} of {len(wrong) + len(found)} rows have no prompt.")
        raise Problems((*wrong[:SHOWN], total))
    if wrong:
        raise wrong[0]
    if not found:
        raise MlccError(f"{place} holds no prompt.", where="--prompts", hint="mlcc test --help")
    return found


def _begun(text: str, name: str) -> Iterator[Callable[[], Question]]:
    """Yield a function for each row that makes its question."""
    if name.endswith(".csv"):
        yield from _cells(text, name)
        return
    as_rows = name.endswith(".jsonl") or (name == "<stdin>" and text.lstrip().startswith("{"))
    read = _of_row if as_rows else Question.of
    for number, line in enumerate(text.split("\n"), 1):  # JSON text may hold other line ends
        if line.strip():
            yield partial(read, line.strip(), f"{name}:{number}")


def _cells(text: str, name: str) -> Iterator[Callable[[], Question]]:
    head = text.partition("\n")[0]
    sign = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    try:
        column = next((each for each in IN_CSV if each in (rows.fieldnames or ())), None)
        if column is None:
            raise MlccError(
                f"The table has neither the column {' nor '.join(map(repr, IN_CSV))}.",
                where=f"{name}:1",
                hint="mlcc test --help",
            )
        for row in rows:
            yield partial(_of_cell, row[column], column, f"{name}:{rows.line_num}")
    except csv.Error as error:
        raise MlccError(
            f"Not CSV: {error}.", where=f"{name}:{rows.reader.line_num}", hint="mlcc test --help"
        ) from None


def _of_cell(cell: str | None, column: str, where: str) -> Question:
    if cell is None or not cell.strip():
        raise MlccError(f"The cell of column {column!r} is empty.", where=where)
    return Question.of(cell, where)


def _text(place: str) -> str:
    if place != STDIN and not place.endswith(ENDINGS):
        raise MlccError(
            f"{place} is neither a .txt file (a prompt a line) nor a .jsonl or .csv file (a row "
            "each).",
            where="--prompts",
            hint="mlcc test --help",
        )
    try:
        data = sys.stdin.buffer.read() if place == STDIN else Path(place).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise MlccError(
            f"{place} cannot be read: {error.strerror}.", where="--prompts", hint="mlcc test --help"
        ) from None
    except UnicodeDecodeError as error:
        raise MlccError(
            f"{place} is not UTF-8 text: byte {error.start}.",
            where="--prompts",
            hint=_recoded(place),
        ) from None


def _recoded(place: str) -> str:
    return "mlcc test --help" if place == STDIN else f"file {shlex.quote(place)}"


def _of_row(line: str, where: str) -> Question:
    """Return the prompt of a row; a reply at its end is what the model is asked for.

    Raises:
        MlccError: it has none.
    """
    try:
        row = json.loads(line)
    except ValueError as error:
        raise MlccError(f"Not JSON: {first_line(error)}", where=where, hint=EXAMPLE) from None
    if not isinstance(row, dict):
        raise MlccError("Expected an object with a prompt.", where=where, hint=EXAMPLE)
    column = next((name for name in COLUMNS if row.get(name) is not None), None)
    if column is None:
        raise MlccError(
            f"The row has none of the columns {', '.join(COLUMNS)}.", where=where, hint=EXAMPLE
        )
    value = row[column]
    if isinstance(value, str) and value.strip():
        question = Question.of(value, where)
    else:
        question = _of_messages(value, column, where)
    return replace(question, tools=_tools(row, where))


def _tools(row: Mapping[str, object], where: str) -> tuple[object, ...]:
    try:
        return tuple(read_tools(row.get("tools")))
    except RowIssue as issue:
        raise MlccError(
            f"'tools' is {issue.found}, expected {issue.expected}.", where=where, hint=EXAMPLE
        ) from None


def _of_messages(value: object, column: str, where: str) -> Question:
    expected = f"expected in {column!r}: text, or messages of which one is the user's"
    if not isinstance(value, list) or not all(_is_message(each) for each in value):
        raise MlccError(f"{expected[0].upper()}{expected[1:]}.", where=where, hint=EXAMPLE)
    messages = list(value)
    while messages and messages[-1]["role"] == ASSISTANT:
        messages.pop()
    if not messages or messages[-1]["role"] == SYSTEM:
        raise MlccError(f"Nothing is asked; {expected}.", where=where, hint=EXAMPLE)
    return Question(str(messages[-1]["content"]), tuple(messages), where)


def _is_message(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("role"), str)
        and isinstance(value.get("content"), str)
    )
