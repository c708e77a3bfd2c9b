"""OpenAI's preference rows: messages asked, the preferred output, and the other one.

{"input": {"messages": […], "tools": [], "parallel_tool_calls": true},
 "preferred_output": […], "non_preferred_output": […]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.conversation.chat_text import parsed
from mlcc_core.staging.rules.conversation.fields import is_empty, is_empty_list
from mlcc_core.staging.rules.messages import detect, flatten
from mlcc_core.staging.rules.prompt_extraction import messages_or_text

PREFERENCE_ROWS: Mapping[str, str] = {
    "prompt": "input",
    "chosen": "preferred_output",
    "rejected": "non_preferred_output",
}
"""The columns of such rows, by the columns that they are read for."""

Record = dict[str, Any]


def read_preferences(record: Record) -> Record:
    """Return prompt, chosen and rejected of a preference row, flattened as such columns are.

    Raises:
        RowIssue: a part that is missing, or that flattening would lose.
    """
    found: Record = {}
    for name, source in PREFERENCE_ROWS.items():
        value = record.get(source)
        if value is None:
            what = "null" if source in record else "no such key"
            raise RowIssue(what, "messages", column=source)
        if name == "prompt":
            _refuse_tools(value, source)
            value = asked(value)
        value = messages_or_text(value, source)
        try:
            found[name] = value if isinstance(value, str) else _text(value)
        except RowIssue as issue:
            issue.column = source
            raise
    return found


def asked(value: object) -> object:
    """Return the messages of an ``input``, or its value where it is those itself."""
    value = (parsed(value) or value) if isinstance(value, str) else value
    return value["messages"] if isinstance(value, dict) and "messages" in value else value


def settings_of(value: object) -> list[str]:
    """Return the settings beside the messages of an ``input``, which say how to ask for replies."""
    found = parsed(value) if isinstance(value, str) else value
    if not isinstance(found, dict) or "messages" not in found:
        return []
    others = {name: value for name, value in found.items() if name not in ("messages", "tools")}
    return [name for name, value in others.items() if not is_empty(value)]


def _refuse_tools(value: object, column: str) -> None:
    found = parsed(value) if isinstance(value, str) else value
    if isinstance(found, dict) and not is_empty_list(found.get("tools")):
        raise RowIssue("tools", "a conversation without tools", column=column, reason="tools")


def _text(value: object) -> str:
    strategy = detect(value)
    return flatten(value, strategy or "mixed_roles")[0]
