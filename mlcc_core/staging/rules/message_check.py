"""Arrays of messages that are written as they are: the form that each message must have."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.row_issues import RowIssue, kind_of
from mlcc_core.staging.rules.conversation.fields import content_problem, names_of


def check_messages(value: object) -> None:
    """Check an array of message objects, each with a role and a content of text.

    Further fields are kept unchanged. A message of the assistant with ``tool_calls`` needs no
    content. A content is a string or a list of text parts
    (``{"type": "text", "text": …}`` or ``{"text": …}``).

    Raises:
        RowIssue: anything else.
    """
    expected = "array of message objects with role and content"
    if not isinstance(value, list) or not value:
        raise RowIssue("an empty array" if value == [] else _kind(value), expected)
    for number, message in enumerate(value, 1):
        if not isinstance(message, dict):
            raise RowIssue(f"{_kind(message)} as message {number}", expected)
        calls = _calls_tools(message)
        for key in ("role",) if calls else ("role", "content"):
            if key not in message:
                raise RowIssue(f"message {number} with the keys {names_of(message)}", expected)
        if not isinstance(message["role"], str):
            raise RowIssue(
                f"message {number} with a role that is {_kind(message['role'])}", expected
            )
        if calls and message.get("content") is None:
            continue
        problem = content_problem(message["content"], ("text",))
        if problem:
            raise RowIssue(f"message {number} with {problem}", "text as its content")


def _calls_tools(message: Mapping[str, object]) -> bool:
    """Return whether the assistant calls tools in a message, which needs no text then."""
    calls = message.get("tool_calls")
    return message.get("role") == "assistant" and isinstance(calls, list) and bool(calls)


def _kind(value: object) -> str:
    return with_article(kind_of(value))
