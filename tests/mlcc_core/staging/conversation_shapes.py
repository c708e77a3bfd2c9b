"""Conversations as they are staged, and the many ways in which programs write the same.

Rows are drawn in the form in which they are staged, and then disguised: the form of a dataset's
values is one for all its rows, as columns of one type need it.
"""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import strategies as st

TEXT = st.sampled_from(["", " ", "a", "Ein Satz.\n", "\u2028\0\U0001f600", '"\\', "[", "[{x", "{}"])
SAID = st.sampled_from(["Q", "A", "Ein Satz.\n", "\u2028\U0001f600", '"role": \\', "[1]", "{'a'"])
TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "required": ["a"]}},
}
SHARED = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}


@st.composite
def turns(draw, *, rich):
    """Messages as they are staged, most often with something to train."""
    found = []
    roles = ["system", "developer", "user", "assistant", "tool"] if rich else ["user", "assistant"]
    for role in draw(st.lists(st.sampled_from(roles), min_size=1, max_size=4)):
        turn = {"role": role, "content": draw(TEXT)}
        if role == "assistant" and rich:
            if draw(st.booleans()):
                turn["reasoning_content"] = draw(SAID)
            if draw(st.integers(0, 3)) == 0:
                if draw(st.booleans()):
                    turn["content"] = None
                arguments = {"a": draw(st.integers(-3, 3))}
                call = {"type": "function", "function": {"name": "f", "arguments": arguments}}
                turn["tool_calls"] = [{"id": "1", **call} if draw(st.booleans()) else call]
        if rich and draw(st.integers(0, 4)) == 0:
            turn["name"] = "n"
        if rich and draw(st.integers(0, 3)) == 0:
            turn["weight"] = draw(st.sampled_from([0, 1]))
        found.append(turn)
    return found


@st.composite
def rows(draw, *, rich):
    """A row as it is staged."""
    row = {"messages": draw(turns(rich=rich))}
    if rich and draw(st.booleans()):
        row["tools"] = [TOOL]
    return row


def is_right(row):
    """Return whether a row has something to train."""
    return any(t["role"] == "assistant" and t.get("weight") != 0 for t in row["messages"])


def said_first(row):
    """The system prompt that may stand in a column beside the messages, if any.

    A conversation that goes on with a second one keeps both; and no CSV holds NUL in plain text.
    """
    first, *others = row["messages"]
    alone = set(first) == {"role", "content"} and others
    second = alone and others[0]["role"] in ("system", "developer")
    good = first["role"] == "system" and alone and not second and first["content"].strip()
    return first["content"] if good and "\0" not in first["content"] else None


def renamed(turn, names, share, parts, arguments):
    """A message with other names and another form of its fields."""
    turn = {names.get(name, name): deepcopy(value) for name, value in turn.items()}
    content = turn.pop("content")
    if parts and content is not None:
        content = [{"type": "text", "text": content}]
    turn["value" if share else "content"] = content
    if share:
        turn["from"] = SHARED.get(turn.pop("role"), "developer")
    for call in turn.get("tool_calls", ()) if arguments == "text" else ():
        call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
    return turn


@st.composite
def disguises(draw, *, rich):
    """A function that writes a staged row as some program would, the same way for each row."""
    share = draw(st.booleans())
    parts = draw(st.booleans())
    extras = draw(st.sampled_from([{}, {"name": ""}, {"tool_calls": []}, {"reasoning": None}]))
    known = draw(st.sampled_from([{}, {"id": "7"}, {"timestamp": 1.5, "toxic": False}]))
    reasoning = draw(st.sampled_from(["reasoning_content", "thinking", "reasoning"]))
    weight = draw(st.sampled_from(["weight", "train"]))
    arguments = draw(st.sampled_from(["object", "text"]))
    tools = draw(st.sampled_from(["list", "text", "functions", "texts"]))
    empty_tools = draw(st.sampled_from([None, "absent", "empty"]))
    system = draw(st.sampled_from([None, "system", "system_prompt"]))
    whole = draw(st.sampled_from(["list", "text", "indented"]))

    def message(turn):
        names = {"reasoning_content": reasoning, "weight": weight}
        return {**extras, **known, **renamed(turn, names, share, parts, arguments)}

    def disguised(row):
        messages = [message(turn) for turn in row["messages"]]
        found = {}
        if system is not None:
            found[system] = text = said_first(row)
            messages = messages[1:] if text else messages
        indent = 1 if whole == "indented" else None
        text = json.dumps(messages, ensure_ascii=False, indent=indent)
        found["messages"] = messages if whole == "list" else text
        if "tools" in row:
            functions = [tool["function"] for tool in row["tools"]]
            found["functions" if tools == "functions" else "tools"] = {
                "list": row["tools"],
                "text": json.dumps(row["tools"]),
                "functions": functions,
                "texts": [json.dumps(tool) for tool in row["tools"]],
            }[tools]
        elif rich and empty_tools != "absent":
            nothing = {"text": "[]"}.get(tools, [])
            found["functions" if tools == "functions" else "tools"] = (
                None if empty_tools is None else nothing
            )
        return found

    return disguised
