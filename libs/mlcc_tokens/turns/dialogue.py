"""A whole conversation of a row, and the replies in it that are trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_core import MlccError, Recipe
from mlcc_tokens.messages import Message, shown, text_of

TrainOn = Literal["all", "last"]
"""The replies of a conversation that are trained."""

SPOKEN = ("tool_calls", "tool_call_id", "name", "reasoning_content")
"""Fields of a message that a chat template is given beside its role and content."""

Turn = Mapping[str, Any]
"""A message with whatever its chat template is given of it."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation with all its turns.

    Attributes:
        messages: as a chat template takes them.
        trained: places of the replies that are trained, in order; empty where all have weight 0.
        tools: that the model is told of.
    """

    messages: tuple[Turn, ...]
    trained: tuple[int, ...]
    tools: tuple[Mapping[str, Any], ...] = ()


def train_on_of(recipe: Recipe | None) -> TrainOn:
    """Return the replies that a recipe trains, by its setting ``train_on``; all by default."""
    return "last" if recipe is not None and recipe.settings.get("train_on") == "last" else "all"


def dialogue_of_row(row: Mapping[str, Any], where: str, train_on: TrainOn = "all") -> Dialogue:
    """Read the columns ``messages`` and ``tools`` of a row; Bedrock's Converse form too.

    Args:
        row: as it is staged.
        where: the row is, for the error.
        train_on: ``last`` trains the last reply; what follows that is left out, as nothing that
            is trained reads it.

    Raises:
        MlccError: a message is none, or the assistant never speaks.
    """
    given = row["messages"]
    if not isinstance(given, list) or not given:
        raise MlccError(f"{shown(given)} is not a list of messages.", where=where)
    system = row.get("system")
    first: list[Turn] = [Message(role="system", content=text_of(system, where))] if system else []
    messages = (*first, *(_turn(message, where) for message in given))
    replies = [place for place, turn in enumerate(messages) if turn["role"] == "assistant"]
    if not replies:
        raise MlccError("The conversation has no reply of the assistant to learn.", where=where)
    if train_on == "last":
        messages, replies = messages[: replies[-1] + 1], replies[-1:]
    weights = [None] * len(first) + [_weight(message, where) for message in given]
    trained = tuple(place for place in replies if weights[place] != 0)
    return Dialogue(messages, trained, _tools(row.get("tools"), where))


def _turn(value: Any, where: str) -> Turn:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise MlccError(f"{shown(value)} is not a message: expected role and content.", where=where)
    content, calls = value.get("content"), value.get("tool_calls")
    silent = content is None and value["role"] == "assistant" and bool(calls)
    kept = {name: value[name] for name in SPOKEN if value.get(name)}
    return {
        "role": value["role"],
        "content": None if silent else text_of(content, where),
        **kept,
    }


def _weight(message: Mapping[str, Any], where: str) -> object:
    weight = message.get("weight")
    if weight not in (None, 0, 1):
        raise MlccError(f"A message has the weight {shown(weight)}, expected 0 or 1.", where=where)
    return weight


def _tools(value: object, where: str) -> tuple[Mapping[str, Any], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, dict) for tool in value):
        raise MlccError(
            f"Column 'tools' holds {shown(value)}, expected a list of objects.", where=where
        )
    return tuple(value)
