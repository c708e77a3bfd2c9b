"""Rows in the form that evaluations read: a question, and the reply that is right.

AWS documents five forms. All rows are given the one that is the service's own; fields that it does
not have stay with the row as its ``metadata``, which scorers are given::

    {"system": "Be brief.", "query": "2 + 2 =", "response": "4", "category": "sums"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core import ManagedSpec, MlccError

ANSWERS = ("completion", "chosen", "response", "reference_answer")
"""Columns that hold the right reply, the first that a row has."""

ASKS = ("messages", "prompt", "query")
OWN = frozenset({*ASKS, *ANSWERS, "system", "category", "metadata"})
TEXT_BY_ROLE = {"system": "system", "developer": "system", "user": "query", "assistant": "response"}


def convert_row(spec: ManagedSpec, row: Mapping[str, object]) -> Mapping[str, object]:
    """Return a row in the service's form.

    Args:
        spec: a scorer needs the right reply, a judge can do without.
        row: ``messages``, or a prompt with a reply under the name of its technique.

    Raises:
        MlccError: it asks more than one question, has no question or, for a scorer, no reply, or
            is not only text.
    """
    if row.get("tools"):
        raise _unreadable("has tools, which an evaluation does not offer to the model")
    made = _asked(row)
    expected = next((row[name] for name in ANSWERS if row.get(name) is not None), None)
    if expected is not None:
        made["response"] = _reply(expected)
    if "query" not in made:
        raise _unreadable("asks nothing: it has no text of a user")
    if spec.kind == "scorer" and "response" not in made:
        raise _unreadable("has no reply to compare with, which a scorer needs")
    if isinstance(row.get("category"), str):
        made["category"] = str(row["category"])
    rest = _metadata(row)
    return {**made, "metadata": rest} if rest else made


def _asked(row: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of the question, and of the reply where ``messages`` end with it."""
    asked = next((row[name] for name in ASKS if row.get(name) is not None), None)
    if isinstance(asked, Sequence) and not isinstance(asked, str):
        return _texts(asked)
    made = {} if asked is None else {"query": _text(asked)}
    if row.get("system") is not None:
        made["system"] = _text(row["system"])
    return made


def _texts(messages: Sequence[object]) -> dict[str, str]:
    made: dict[str, str] = {}
    for message in messages:
        if not isinstance(message, Mapping):
            raise _unreadable("has a message without role and content")
        name = TEXT_BY_ROLE.get(str(message.get("role")))
        if name is None:
            raise _unreadable(f"has a message of the role {message.get('role')!r}")
        if name in made:
            raise _unreadable("has several turns, and an evaluation asks one question a row")
        if name == "query" and "response" in made:
            raise _unreadable("ends with a question after a reply")
        made[name] = _text(message.get("content"))
    return made


def _reply(value: object) -> str:
    """Return the right reply as text: that of a message, or a value as JSON."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        texts = _texts(value)
        if list(texts) == ["response"]:
            return texts["response"]
        raise _unreadable("has a reply that is not one message of an assistant")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _metadata(row: Mapping[str, object]) -> Any:
    """Return the row's own metadata, with the columns that have no place of their own."""
    rest = {name: value for name, value in row.items() if name not in OWN and value is not None}
    answers = [name for name in ANSWERS if row.get(name) is not None]
    rest |= {name: row[name] for name in answers[1:]}
    own = row.get("metadata")
    if own is None or not rest:
        return own if own is not None else rest
    return {**own, **rest} if isinstance(own, Mapping) else {"metadata": own, **rest}


def _text(value: object) -> str:
    """Return a message's text; parts of text are put together.

    Raises:
        MlccError: it is something else.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        parts = [part.get("text") for part in value if isinstance(part, Mapping)]
        if len(parts) == len(value) and all(isinstance(part, str) for part in parts):
            return "".join(str(part) for part in parts)
    raise _unreadable("is not only text, and an evaluation reads text")


def _unreadable(why: str) -> MlccError:
    return MlccError(f"A row {why}.", hint="leave such rows out of the dataset")
