"""The messages of a conversation in the one form in which they are staged.

A message is an object with ``role`` and ``content``, and, only where they say something,
``reasoning_content``, ``tool_calls``, ``tool_call_id``, ``name`` and ``weight``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core.contract.technique.row_rules import ROLES
from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.row_issues import RowIssue, kind_of
from mlcc_core.staging.rules.conversation.chat_text import (
    is_repr,
    looks_like_chat,
    parsed,
    repr_issue,
)
from mlcc_core.staging.rules.conversation.fields import (
    KEPT,
    REASONING,
    WEIGHTS,
    content_problem,
    is_empty,
    lost_field,
    names_of,
    text_of,
)
from mlcc_core.staging.rules.conversation.tools import read_calls
from mlcc_core.staging.rules.messages import ANSWERING, KEY_PAIRS, keys_of

Record = dict[str, Any]

EXPECTED = "array of message objects with role and content"
CALLING = frozenset({"function_call", "tool_call"})
"""Roles of messages of the assistant that are calls of tools, written as JSON."""

ROLE_NAMES: Mapping[str, str] = {
    **{role: role for role in ROLES},
    **dict.fromkeys(ANSWERING | CALLING, "assistant"),
    "human": "user",
    **dict.fromkeys(("observation", "function", "tool_response", "function_response"), "tool"),
}
"""Roles by the names that published datasets have for them, in lower case."""


def read_turns(value: object) -> list[Record]:
    """Return the messages of a conversation in the form in which they are staged.

    Args:
        value: a list of messages (``role`` and ``content``, or ``from`` and ``value``), or JSON
            text of one.

    Example:
        >>> read_turns([{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}])[0]
        {'role': 'user', 'content': 'Q'}

    Raises:
        RowIssue: anything else; a role that does not exist; a field that would be lost.
    """
    messages = listed(value)
    return [_turn(message, number) for number, message in enumerate(messages, 1)]


def listed(value: object) -> list[Record]:
    """Return the messages of a list, or of the JSON text of one, as they are.

    Raises:
        RowIssue: it is not a list of objects with at least one.
    """
    if isinstance(value, str):
        value = _from_text(value)
    if not isinstance(value, list) or not value:
        raise RowIssue("an empty array" if value == [] else _kind(value), EXPECTED)
    messages: list[Record] = []
    for number, item in enumerate(value, 1):
        message = parsed(item) if isinstance(item, str) else item
        if not isinstance(message, dict):
            raise RowIssue(f"{_kind(item)} as message {number}", EXPECTED)
        messages.append(message)
    return messages


def _from_text(text: str) -> object:
    if is_repr(text):
        raise repr_issue(text)
    value = parsed(text)
    if value is None:
        like = looks_like_chat(text)
        raise RowIssue("text that is cut off or not strict JSON" if like else "a string", EXPECTED)
    return value


def _turn(message: Record, number: int) -> Record:
    """Return one message in its staged form; issues name it by its number."""
    try:
        return _read(message)
    except RowIssue as issue:
        issue.found = f"message {number} with {issue.found}"
        raise


def _read(message: Record) -> Record:
    keys = keys_of(message) or next((k for k in KEY_PAIRS if k[0] in message), None)
    if keys is None:
        raise RowIssue(f"the keys {names_of(message)}", EXPECTED)
    given, content = message[keys[0]], message.get(keys[1])
    if not isinstance(given, str):
        raise RowIssue(f"a {keys[0]} that is {_kind(given)}", EXPECTED)
    role = ROLE_NAMES.get(given.casefold())
    if role is None:
        raise RowIssue(
            f"the role {given!r}", f"one of {', '.join(ROLES)}", reason="a role that does not exist"
        )
    lost = lost_field(message, keys, KEPT)
    if lost is not None:
        raise RowIssue(
            f"{lost!r} beside {keys[0]} and {keys[1]}",
            "a conversation of text",
            reason=f"a field {lost!r} beside role",
        )
    calls = _calls(message)
    if given.casefold() in CALLING:
        calls, content = [*read_calls(content), *calls], None
        if not calls:
            raise RowIssue("no call", "the call of a function as JSON")
    _only_assistant(role, message, calls)
    turn: Record = {"role": role, "content": _content(content, keys[1], calls)}
    return turn | _others(message, calls)


def _content(content: object, key: str, calls: list[Record]) -> str | None:
    if calls and (content is None or content == []):
        return None
    text = text_of(content)
    if text is None:
        problem = content_problem(content) or ""
        wrong = isinstance(content, list) and bool(content)
        raise RowIssue(
            problem.replace("content", key, 1),
            "text as its content",
            reason="a content that is not text" if wrong else "",
        )
    return text


def _calls(message: Record) -> list[Record]:
    calls = read_calls(message.get("tool_calls"))
    older = read_calls(message.get("function_call"))
    if calls and older and calls != older:
        raise RowIssue("both 'tool_calls' and 'function_call'", "one of the two")
    return calls or older


def _only_assistant(role: str, message: Record, calls: list[Record]) -> None:
    if role == "assistant":
        return
    for name in ("tool_calls", *REASONING):
        used = bool(calls) if name == "tool_calls" else not is_empty(message.get(name))
        if used:
            raise RowIssue(
                f"{name!r} and the role {role!r}",
                "it in messages of the assistant alone",
                reason=f"a field {name!r} of another than the assistant",
            )


def _others(message: Record, calls: list[Record]) -> Record:
    """Return the fields beside role and content that say something."""
    found: Record = {}
    reasoning = _one_text(message, REASONING)
    if reasoning is not None:
        found["reasoning_content"] = reasoning
    if calls:
        found["tool_calls"] = calls
    for name in ("tool_call_id", "name"):
        text = _one_text(message, (name,))
        if text is not None:
            found[name] = text
    weight = _weight(message)
    return found if weight is None else found | {"weight": weight}


def _one_text(message: Record, names: tuple[str, ...]) -> str | None:
    """Return the text of a field that may have several names; ``None`` where it says nothing."""
    text: str | None = None
    for name in names:
        value = message.get(name)
        if is_empty(value):
            continue
        if not isinstance(value, str):
            raise RowIssue(f"{_kind(value)} as {name!r}", "text")
        if text is not None and value != text:
            raise RowIssue(f"another text in {name!r} than before", f"one text in {names[0]!r}")
        text = value
    return text


def _weight(message: Record) -> int | None:
    weight: int | None = None
    for name in WEIGHTS:
        value = message.get(name)
        if value is None:
            continue
        if not isinstance(value, (int, float)) or value not in (0, 1):
            shown = repr(value) if isinstance(value, (int, float)) else _kind(value)
            raise RowIssue(f"the {name} {shown}", "0 or 1 (train it or not)")
        if weight is not None and weight != value:
            raise RowIssue(f"another weight in {name!r} than before", "one weight")
        weight = int(value)
    return weight


def is_trained(turn: Record) -> bool:
    """Return whether a staged message is learned: the assistant's, and not of weight 0."""
    return turn["role"] == "assistant" and turn.get("weight") != 0


def _kind(value: object) -> str:
    return with_article(kind_of(value))
