"""A row as the conversations that a model is trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_tokens.messages import Message, as_messages, converse

PROMPT = "prompt"

SPEAKERS: Mapping[str, str] = {
    PROMPT: "user",
    "completion": "assistant",
    "chosen": "assistant",
    "rejected": "assistant",
}
"""Text columns that the trainers know, and who says what is in them."""

Conversation = Mapping[str, list[Message]]
"""A row by column: a prompt, replies to it, or both."""


def conversation(
    row: Mapping[str, Any], where: str, *, prompt_only: bool = False
) -> dict[str, list[Message]]:
    """The text columns of a row as chat messages, by column.

    Every string becomes one message, so that the model is trained on exactly what ``test`` shows
    it; a ``messages`` column is split into ``prompt`` and ``completion`` before its last reply.

    Args:
        where: the row is, for the error.
        prompt_only: replies are sampled, not learned from the row, whatever else it holds.

    Raises:
        MlccError: a column is neither text nor messages, or the row has none of the columns.
    """
    if PROMPT not in row and "messages" in row:
        found = converse(row["messages"], row.get("system"), where)
    else:
        found = {
            column: as_messages(row[column], speaker, f"{where}, column {column!r}")
            for column, speaker in SPEAKERS.items()
            if column in row
        }
    if not found:
        raise MlccError(
            f"The row has none of the columns {', '.join(SPEAKERS)}, messages.", where=where
        )
    return {PROMPT: found.get(PROMPT, [])} if prompt_only else found


def conversation_of(line: bytes, *, prompt_only: bool) -> Conversation | str:
    """The conversations of a row of JSON text, or why it holds none."""
    try:
        return conversation(json.loads(line), "the row", prompt_only=prompt_only)
    except MlccError as error:
        return error.what
