"""The prompts of ``mlcc test``: typed, or rows of a file."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import first_line

USER, ASSISTANT, SYSTEM = "user", "assistant", "system"
COLUMNS = ("prompt", "messages", "question")
"""Columns of a row that may hold its prompt, the first one that is there."""

STDIN = "-"
"""The name of standard input."""

EXAMPLE = '{"prompt": "What is the capital of France?"}'


@dataclass(frozen=True)
class Question:
    """A prompt to be asked.

    Attributes:
        text: the user's last words, for people.
        messages: the conversation up to there.
        where: the row that it comes from: ``prompts.txt:3``; ``None`` for a typed one.
    """

    text: str
    messages: tuple[Mapping[str, object], ...]
    where: str | None = None

    @classmethod
    def of(cls, text: str, where: str | None = None) -> Question:
        """Return the question of a user who says nothing else."""
        return cls(text, ({"role": USER, "content": text},), where)

    def prompt_with(self, system: str | None) -> Prompt:
        """Return the prompt, with another system message or its own."""
        if system is None:
            return Prompt(self.messages)
        own = self.messages[0].get("role") == SYSTEM
        rest = self.messages[1:] if own else self.messages
        return Prompt(({"role": SYSTEM, "content": system}, *rest))


def read_questions(place: str) -> list[Question]:
    """Read prompts: a line each, or a JSON object a line with one of :data:`COLUMNS`.

    Args:
        place: a ``.txt`` or ``.jsonl`` file; ``-`` for standard input, whose first character tells.

    Raises:
        MlccError: it cannot be read, a row has no prompt, or there is none at all.
    """
    lines = _text(place).splitlines()
    first = next((line for line in lines if line.strip()), "")
    as_rows = place.endswith(".jsonl") or (place == STDIN and first.lstrip().startswith("{"))
    found = list(_questions(lines, "<stdin>" if place == STDIN else place, as_rows))
    if not found:
        raise MlccError(f"{place} holds no prompt.", where="--prompts", hint="mlcc test --help")
    return found


def _questions(lines: Sequence[str], name: str, as_rows: bool) -> Iterator[Question]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{name}:{number}"
            yield _of_row(line, where) if as_rows else Question.of(line.strip(), where)


def _text(place: str) -> str:
    if place != STDIN and not place.endswith((".txt", ".jsonl")):
        raise MlccError(
            f"{place} is neither a .txt file (a prompt a line) nor a .jsonl file (a row a line).",
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
        return Question.of(value, where)
    return _of_messages(value, column, where)


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
