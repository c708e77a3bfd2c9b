"""Events of reading a row's messages, for the counts of the tally."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.chat_text import read_chat
from mlcc_core.staging.rules.conversation.fields import fields_that_go, is_empty
from mlcc_core.staging.rules.conversation.turns import listed
from mlcc_core.staging.rules.conversation.whole import SYSTEM
from mlcc_core.staging.rules.messages import keys_of

Event = tuple[Literal["read_text", "translated", "as_system", "left_out", "settings"], str]
"""A counter of the tally, and the column or the field that it counts."""


def what_happens(value: object, column: str) -> Iterator[Event]:
    """Yield the events of reading a value of messages.

    Args:
        value: messages that can be read, or any other value of a row that is right.
        column: that holds them.
    """
    if isinstance(value, str):
        value = read_chat(value)
        if value is None:
            return
        yield "read_text", column
    messages = value if isinstance(value, list) else [value]
    if any(isinstance(item, str) for item in messages):
        try:
            messages = listed(messages)
        except RowIssue:
            return
        yield "read_text", column
    for field in dict.fromkeys(fields_that_go(messages)):
        yield "left_out", field


def whole_conversation(record: dict[str, Any], column: str) -> Iterator[Event]:
    """Yield the events of staging a whole conversation, as :func:`what_happens` does.

    Args:
        record: the row as it came.
        column: that holds the messages.
    """
    value = record.get(column)
    yield from what_happens(value, column)
    found = read_chat(value) if isinstance(value, str) else value
    for message in found if isinstance(found, list) else []:
        if isinstance(message, dict) and keys_of(message) == ("from", "value"):
            yield "translated", column
            break
    for name in SYSTEM:
        if not is_empty(record.get(name)):
            yield "as_system", name
