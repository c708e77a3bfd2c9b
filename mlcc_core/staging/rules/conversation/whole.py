"""A row with a whole conversation: its messages, the tools, and a system prompt beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlcc_core.contract.technique.schema import DatasetSchema
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.fields import (
    content_problem,
    is_empty,
    text_of,
)
from mlcc_core.staging.rules.conversation.tools import read_tools
from mlcc_core.staging.rules.conversation.turns import is_trained, read_turns

Record = dict[str, Any]

SYSTEM = ("system", "system_prompt")
"""Columns of a system prompt beside messages."""

_ALL_ZERO = "a weight of 0 in each message of the assistant"

FUNCTIONS = "functions"
"""OpenAI's older column of tools."""


def conversation_columns(schema: DatasetSchema) -> tuple[str | None, str | None]:
    """Return the names of a schema's columns of a conversation and of tools."""
    found: dict[str, str] = {}
    for column in schema.columns:
        for kind in ("conversation", "tools"):
            if kind in column.types:
                found[kind] = column.name
    return found.get("conversation"), found.get("tools")


def read_by(conversation: str, tools: str | None) -> tuple[str, ...]:
    """Return the columns that a conversation is made of."""
    return (conversation, *((tools, FUNCTIONS) if tools else ()), *SYSTEM)


def stage_conversation(record: Record, conversation: str, tools: str | None) -> Record:
    """Return the values to write for the columns of a conversation and of tools.

    Args:
        record: the row.
        conversation: column of the messages.
        tools: column of the tools; ``None`` where the schema has none.

    Raises:
        RowIssue: no conversation, a field that would be lost, nothing to train.
    """
    messages = record.get(conversation)
    if messages is None:
        raise RowIssue(
            "null" if conversation in record else "no such key",
            "array of message objects",
            column=conversation,
        )
    with _in_column(conversation):
        turns = read_turns(messages)
    for name in SYSTEM:
        with _in_column(name):
            turns = _with_system(turns, record.get(name))
    if not any(map(is_trained, turns)):
        answers = any(turn["role"] == "assistant" for turn in turns)
        found = _ALL_ZERO if answers else "no message of the assistant"
        raise RowIssue(
            found,
            "a message of the assistant to learn",
            column=conversation,
            reason="nothing to train",
        )
    return {conversation: turns, **({tools: _tools(record, tools)} if tools else {})}


@contextmanager
def _in_column(name: str) -> Iterator[None]:
    """Name the column in the issues that are raised within."""
    try:
        yield
    except RowIssue as issue:
        issue.column = issue.column or name
        raise


def _tools(record: Record, column: str) -> list[Record] | None:
    found: list[Record] = []
    for name in (column, FUNCTIONS):
        with _in_column(name):
            tools = read_tools(record.get(name))
            if tools and found and tools != found:
                raise RowIssue(f"other tools than in column {column!r}", "the tools once")
        found = found or tools
    return found or None


def _with_system(turns: list[Record], value: object) -> list[Record]:
    """Return the messages with a system prompt first, unless it says nothing."""
    if is_empty(value):
        return turns
    text = text_of(value)
    if text is None:
        raise RowIssue(content_problem(value) or "", "text")
    first = turns[0]
    if first["role"] not in ("system", "developer"):
        return [{"role": "system", "content": text}, *turns]
    if first["content"] != text:
        raise RowIssue("another system prompt than the conversation has", "the same one, or none")
    return turns
