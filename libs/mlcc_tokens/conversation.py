"""A row as the conversation that a model is trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlcc_core import MlccError
from mlcc_tokens.messages import Message, as_messages, split_messages
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn, dialogue_of_row

PROMPT = "prompt"

ROLE_BY_COLUMN: Mapping[str, str] = {
    PROMPT: "user",
    "completion": "assistant",
    "chosen": "assistant",
    "rejected": "assistant",
}
"""Text columns that the trainers know, and the role of their text."""

Conversation = Mapping[str, list[Message]]
"""Messages by column: a prompt, replies to it, or both.

    {"prompt": [{"role": "user", …}], "completion": [{"role": "assistant", …}]}
"""


def conversation_of_row(
    row: Mapping[str, Any], where: str, *, prompt_only: bool = False
) -> dict[str, list[Message]]:
    """Read the text columns of a row as chat messages, by column.

    Every string becomes one message, so that the model is trained on exactly what ``test`` shows
    it; a ``messages`` column is split into ``prompt`` and ``completion`` before its last reply.

    Args:
        row: a row as it is staged.
        where: the row is, for the error.
        prompt_only: replies are sampled, not learned from the row, whatever else it holds.

    Raises:
        MlccError: a column is neither text nor messages, or the row has none of the columns.
    """
    if PROMPT not in row and "messages" in row:
        found = split_messages(row["messages"], row.get("system"), where)
    else:
        found = {
            column: as_messages(row[column], role, f"{where}, column {column!r}")
            for column, role in ROLE_BY_COLUMN.items()
            if column in row
        }
    if not found:
        raise MlccError(
            f"The row has none of the columns {', '.join(ROLE_BY_COLUMN)}, messages.", where=where
        )
    return {PROMPT: found.get(PROMPT, [])} if prompt_only else found


def is_dialogue(row: Mapping[str, Any]) -> bool:
    """Return whether a row is a whole conversation, rather than a prompt with replies."""
    return PROMPT not in row and "messages" in row


def talk_of_row(
    row: Mapping[str, Any], where: str, *, prompt_only: bool, train_on: TrainOn = "all"
) -> Conversation | Dialogue:
    """Read a row in its own form: a whole conversation, or a prompt with replies.

    Args:
        row: as it is staged.
        where: the row is, for the error.
        prompt_only: replies are sampled, not learned from the row, whatever else it holds.
        train_on: the replies of a whole conversation that are trained.

    Raises:
        MlccError: it can be read as neither.
    """
    if is_dialogue(row) and not prompt_only:
        return dialogue_of_row(row, where, train_on)
    return conversation_of_row(row, where, prompt_only=prompt_only)


def talk_of_line(
    line: bytes, *, prompt_only: bool, train_on: TrainOn = "all"
) -> Conversation | Dialogue | str:
    """Read a row of JSON text in its own form; the reason where it has none."""
    try:
        return talk_of_row(json.loads(line), "the row", prompt_only=prompt_only, train_on=train_on)
    except MlccError as error:
        return error.what
