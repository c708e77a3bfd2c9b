"""Tools and calls of tools, in the one form that chat templates know.

Columns of one type fill an object's missing fields with nulls: nulls within objects say nothing.
"""

from __future__ import annotations

from typing import Any

from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.row_issues import RowIssue, kind_of
from mlcc_core.staging.rules.conversation.chat_text import parsed
from mlcc_core.staging.rules.conversation.fields import is_empty_list, names_of

Record = dict[str, Any]

CALL = 'objects with a function\'s name and arguments: {"type": "function", "function": …}'
TOOLS = "array of tools, or JSON text of one"
OBJECT = "a JSON object, or JSON text of one"


def without_nulls(value: Any) -> Any:
    """Return a value without the fields of its objects that are null, at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(field) for name, field in value.items() if field is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def read_tools(value: object) -> list[Record]:
    """Return the tools that a conversation may call; none for a value that says nothing.

    A function alone (OpenAI's older ``functions``) becomes a tool of type ``function``.

    Example:
        >>> read_tools('[{"name": "get", "parameters": {}}]')
        [{'type': 'function', 'function': {'name': 'get', 'parameters': {}}}]

    Raises:
        RowIssue: not a list of objects, or JSON text of one.
    """
    if is_empty_list(value):
        return []
    found = _list_of(value, TOOLS)
    return [_tool(item) for item in found if not is_empty_list(item)]


def read_calls(value: object, *, as_written: bool = False) -> list[Record]:
    """Return the calls of an assistant's message; none for a value that says nothing.

    Arguments that are JSON text of an object become the object.

    Args:
        value: the calls, or JSON text of them.
        as_written: other text as arguments stays: a client sends back what a model has written.

    Example:
        >>> read_calls([{"id": "1", "function": {"name": "get", "arguments": '{"a": 1}'}}])[0]["id"]
        '1'

    Raises:
        RowIssue: not calls of functions.
    """
    if is_empty_list(value):
        return []
    found = _list_of(value, CALL)
    return [_call(item, as_written) for item in found if not is_empty_list(item)]


def _list_of(value: object, expected: str) -> list[Any]:
    """Return a list, or the one object or JSON text of either as a list."""
    if isinstance(value, str):
        value = parsed(value)
        if value is None:
            raise RowIssue("text that is not JSON", expected)
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise RowIssue(with_article(kind_of(value)), expected)
    return items


def _object(value: object, expected: str) -> tuple[Record, bool]:
    """Return an object, and whether it was JSON text, in which a null is meant."""
    found = parsed(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        kind = "text that is not an object" if isinstance(value, str) else kind_of(value)
        raise RowIssue(kind if isinstance(value, str) else with_article(kind), expected)
    return found, isinstance(value, str)


def _tool(value: object) -> Record:
    found, _ = _object(value, TOOLS)
    tool: Record = without_nulls(found)
    function = tool.get("function")
    if isinstance(function, dict):
        tool["function"] = _with_object(function, "parameters")
        return tool if "type" in tool else {"type": "function", **tool}
    if isinstance(tool.get("name"), str):
        others = {name: field for name, field in tool.items() if name != "type"}
        if tool.get("type", "function") == "function":
            return {"type": "function", "function": _with_object(others, "parameters")}
    return tool


def _call(value: object, as_written: bool) -> Record:
    found, _ = _object(value, CALL)
    kind = found.get("type")
    if kind not in (None, "function"):
        raise RowIssue(f"a call of type {kind!r}", CALL, reason="a call of no function")
    function = found.get("function")
    function = found if function is None else function
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        keys = function if isinstance(function, dict) else found
        raise RowIssue(f"a call with the keys {names_of(keys)}", CALL)
    identity = found.get("id")
    if identity is not None and not isinstance(identity, str):
        raise RowIssue(f"a call with an id that is {with_article(kind_of(identity))}", CALL)
    call: Record = {"id": identity} if identity else {}
    arguments = _arguments(function.get("arguments"), as_written)
    return call | {"type": "function", "function": {"name": function["name"], **arguments}}


def _arguments(value: object, as_written: bool) -> Record:
    """Return arguments as an object, or as their text where that may stay."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return {"arguments": {}}
    if isinstance(value, str):
        try:
            return {"arguments": _object_of(value, "arguments of a call")}
        except RowIssue:
            if as_written:
                return {"arguments": value}
            raise
    if not isinstance(value, dict):
        raise RowIssue(f"arguments that are {with_article(kind_of(value))}", CALL)
    return {"arguments": without_nulls(value)}


def _object_of(text: str, what: str) -> Record:
    """Return the object that a text is the JSON of.

    Raises:
        RowIssue: it is other JSON, or none.
    """
    found = parsed(text)
    if found is None and text.strip() != "null":
        raise RowIssue(f"{what} that are not JSON", OBJECT)
    if not isinstance(found, dict):
        raise RowIssue(f"{what} that are JSON text of {with_article(kind_of(found))}", OBJECT)
    return found


def _with_object(function: Record, name: str) -> Record:
    """Return a function whose parameters are an object where they were JSON text of one."""
    text = function.get(name)
    if not isinstance(text, str) or not text.strip():
        return function
    return {**function, name: _object_of(text, f"{name} of a tool")}
