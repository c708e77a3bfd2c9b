"""Chat format: messages, detection of a column's format, flattening of a value to a string.

A message is an object with a role and a content (``role`` and ``content``, or ``from`` and
``value``). Flattening drops only the role; where it would lose more, the row is lossy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mlcc_core.helpers.text import join_turns, with_article
from mlcc_core.staging.model.row_issues import RowIssue, kind_of
from mlcc_core.staging.rules.conversation.fields import (
    content_problem,
    lost_field,
    names_of,
    text_of,
)

Strategy = Literal["single_dict", "single_message", "same_role", "mixed_roles"]

KEY_PAIRS = (("role", "content"), ("from", "value"))
"""The keys of role and content, OpenAI's first, then ShareGPT's."""

ANSWERING = frozenset({"assistant", "gpt", "model", "bot", "chatbot"})
"""Roles (in lower case) of the assistant in published datasets."""

BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Characters of blank strings: spaces by Unicode's or Python's definition, and the BOM."""

BLANK_STARTS = frozenset(("", *BLANKS))
"""The first characters of blank strings, and what an empty one begins with."""


def keys_of(fields: Mapping[str, object] | list[str]) -> tuple[str, str] | None:
    """Return the keys of role and content in a message's fields; ``None`` if one is missing."""
    return next((pair for pair in KEY_PAIRS if pair[0] in fields and pair[1] in fields), None)


def detect(value: object) -> Strategy | None:
    """Return the strategy that flattens ``value``; ``None`` if it is not in chat format.

    Example:
        >>> detect([{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}])
        'mixed_roles'
    """
    if isinstance(value, dict):
        return "single_dict" if keys_of(value) else None
    if not isinstance(value, list) or not value:
        return None
    roles: list[object] = []
    for message in value:
        keys = keys_of(message) if isinstance(message, dict) else None
        if keys is None:
            return None
        roles.append(message[keys[0]])
    if len(roles) == 1:
        return "single_message"
    return "same_role" if all(role == roles[0] for role in roles) else "mixed_roles"


def describe(strategy: Strategy, value: object) -> str:
    """Describe the strategy in the words of the documentation; ``value`` is the column's first."""
    count = len(value) if isinstance(value, list) else 1
    return {
        "single_dict": "extracted content field",
        "single_message": "extracted content field",
        "same_role": f"newline-joined content ({count} messages)",
        "mixed_roles": f"role-prefixed messages ({count} messages)",
    }[strategy]


def flatten(value: object, strategy: Strategy) -> tuple[str, str]:
    """Flatten a value in chat format to a string.

    Returns:
        The string, and the role of the first message.

    Example:
        >>> flatten([{"role": "user", "content": "Q"}], "single_message")
        ('Q', 'user')

    Raises:
        RowIssue: a lossy row, if more than the role would be lost; or another kind of value.
    """
    messages: list[Any] = value if isinstance(value, list) else [value]
    if not all(_is_message_like(message) for message in messages):
        raise RowIssue(
            _found(value), f"a string, or chat format ({strategy}) as in the first record"
        )
    if not messages:
        raise _lossy("no message", f"chat format as in the first record ({strategy})", "no message")
    if strategy in ("single_dict", "single_message") and len(messages) > 1:
        raise _lossy(
            f"{len(messages)} messages",
            f"one message, as in the first record ({strategy})",
            "a second message",
        )
    pairs = [read_message(message) for message in messages]
    role = pairs[0][0]
    if strategy == "mixed_roles":
        return join_turns(pairs), role
    other = next((other for other, _ in pairs if other != role), None)
    if other is not None:
        raise _lossy(
            f"the roles {role!r} and {other!r}",
            f"messages of one role, as in the first record ({strategy})",
            "a second role",
        )
    return "\n".join(content for _, content in pairs), role


def read_message(message: dict[str, Any]) -> tuple[str, str]:
    """Return role and content of a message; parts of text are joined line by line.

    Raises:
        RowIssue: a lossy row: a role that is not a string, a content that is not text, or a
            further field that carries meaning.
    """
    keys = keys_of(message) or _likely_keys(message)
    role, content = message.get(keys[0]), message.get(keys[1])
    extra = lost_field(message, keys, frozenset())
    if extra is not None:
        found = f"a message with {extra!r} beside {keys[0]} and {keys[1]}"
        raise _lossy(found, "nothing that flattening would lose", f"a field {extra!r} beside role")
    text = text_of(content)
    if text is None:
        problem = content_problem(content) or ""
        found = problem.replace("content", keys[1], 1)
        raise _lossy(found, f"text as {keys[1]}", "a content that is not text")
    if not isinstance(role, str):
        found = f"a {keys[0]} that is {_kind(role)}"
        raise _lossy(found, f"a string as {keys[0]}", "a role that is not a string")
    return role, text


def as_message(text: str) -> list[dict[str, str]]:
    """Return a string as one message of a user."""
    return [{"role": "user", "content": text}]


def to_chatml(value: object) -> list[Any] | None:
    """Convert ShareGPT's ``from`` and ``value`` to ``role`` and ``content`` (TRL: ``to_chatml``).

    ``human`` becomes ``user``, the answering role becomes ``assistant``, as chat templates call
    them. Other roles and further fields stay unchanged, and so does a message with both kinds of
    keys, of which one would be lost.

    Returns:
        A new array; ``None`` if nothing changes.

    Example:
        >>> to_chatml([{"from": "human", "value": "Q"}])
        [{'role': 'user', 'content': 'Q'}]
    """
    if not isinstance(value, list):
        return None
    turns = [_with_role(message) for message in value]
    return turns if turns != value else None


def _with_role(message: Any) -> Any:
    if not isinstance(message, dict) or keys_of(message) != ("from", "value"):
        return message
    if "role" in message or "content" in message:
        return message
    role, content = message["from"], message["value"]
    if isinstance(role, str):
        name = role.casefold()
        role = "user" if name == "human" else "assistant" if name in ANSWERING else role
    others = {key: field for key, field in message.items() if key not in ("from", "value")}
    return {"role": role, "content": content, **others}


def is_blank(text: str) -> bool:
    """Return whether a string is empty or has only blanks."""
    return not text.strip(BLANKS)


def _is_message_like(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return "role" in value or "content" in value or keys_of(value) is not None


def _likely_keys(message: Mapping[str, object]) -> tuple[str, str]:
    return next(pair for pair in KEY_PAIRS if pair[0] in message or pair[1] in message)


def _lossy(found: str, expected: str, reason: str) -> RowIssue:
    return RowIssue(found, expected, reason=reason)


def _kind(value: object) -> str:
    return with_article(kind_of(value))


def _found(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with the keys {names_of(value)}" if value else "an empty object"
    return _kind(value)
