"""Words of a conversation that its chat template leaves out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlcc_tokens.rendered import Span, excerpt
from mlcc_tokens.turns.dialogue import Dialogue, Turn

THOUGHT = re.compile(r"</?(?:\w+:)?(?:think|thinking|thought|reason|reasoning)>")

NAMED_ROLES = ("system", "developer", "user", "assistant")
"""Roles of which ``name`` tells who speaks; that of a tool's answer repeats the call."""


def fault_of(dialogue: Dialogue, whole: str, spans: Sequence[Span]) -> str | None:
    """Return what would be lost of a conversation; ``None`` where nothing is.

    Args:
        dialogue: the conversation.
        whole: as the template renders it.
        spans: of the replies that are trained.
    """
    place_of = dict(zip(dialogue.trained, spans, strict=True))
    for place, turn in enumerate(dialogue.messages):
        start, end = place_of.get(place, (0, len(whole)))
        lost = next(_lost(turn, whole[start:end], trained=place in place_of), None)
        if lost is not None:
            return f"it drops {lost} of message {place + 1}, role {turn['role']}"
    for tool in dialogue.tools:
        name = _name_of(tool)
        if name and not _is_in(name, whole):
            return f"it drops the tool {excerpt(name)}"
    return None


def thought_in(dialogue: Dialogue) -> str | None:
    """Return a thought that a trained reply holds, as its field or in tags; ``None`` without."""
    for place in dialogue.trained:
        turn = dialogue.messages[place]
        if turn.get("reasoning_content"):
            return str(turn["reasoning_content"])
        if THOUGHT.search(turn["content"] or ""):
            return str(turn["content"])
    return None


def unsaid(dialogue: Dialogue, whole: str) -> Iterator[str]:
    """Yield the fields that the template leaves out and may: names, thoughts of earlier replies."""
    for place, turn in enumerate(dialogue.messages):
        name, thought = turn.get("name"), turn.get("reasoning_content")
        if isinstance(name, str) and turn["role"] in NAMED_ROLES and not _is_in(name, whole):
            yield "name"
        if place in dialogue.trained or not isinstance(thought, str):
            continue
        if not _is_in(thought.strip(), whole):
            yield "reasoning_content"


def _lost(turn: Turn, text: str, *, trained: bool) -> Iterator[str]:
    """Yield what a text lacks of a message; replies that are not trained may lose thoughts."""
    content = turn["content"] or ""
    pieces = THOUGHT.split(content) if turn["role"] == "assistant" else [content]
    for piece in pieces if trained else pieces[-1:]:
        if not _is_in(piece.strip(), text):
            yield f"the text {excerpt(piece.strip())}"
    thought = turn.get("reasoning_content")
    if trained and isinstance(thought, str) and not _is_in(thought.strip(), text):
        yield (
            f"the thought {excerpt(thought.strip())} (leave reasoning_content out, or choose a "
            "model whose template knows thoughts)"
        )
    for call in turn.get("tool_calls") or ():
        for word in _words(call.get("function") if isinstance(call, Mapping) else call):
            if not _is_in(word, text):
                yield f"{excerpt(word)}, part of a tool call,"


def _words(called: Any) -> Iterator[str]:
    """Yield the name of what is called, and all names and texts among its arguments."""
    if not isinstance(called, Mapping):
        return
    yield str(called.get("name") or "")
    arguments = called.get("arguments")
    if isinstance(arguments, (Mapping, list)):
        yield from _leaves(arguments)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value.strip()


def _name_of(tool: Mapping[str, Any]) -> str:
    inner = tool.get("function")
    name = (inner if isinstance(inner, Mapping) else tool).get("name")
    return name if isinstance(name, str) else ""


def _is_in(words: str, text: str) -> bool:
    """Return whether words are in a text as they are, or as JSON or Python writes them."""
    return (
        words in text
        or json.dumps(words, ensure_ascii=False)[1:-1] in text
        or json.dumps(words)[1:-1] in text
        or repr(words)[1:-1] in text
    )
