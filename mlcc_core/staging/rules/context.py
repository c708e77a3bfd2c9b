"""Columns that carry context by their names: their text is never dropped silently."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

from mlcc_core.staging.model.row_issues import LostContext
from mlcc_core.staging.rules.messages import BLANKS, is_blank

Kind = Literal["system", "history", "instruction", "question", "input", "tools", "reasoning"]

KINDS: Mapping[Kind, tuple[str, ...]] = {
    "system": (
        *("system", "systemprompt", "systemmessage", "systeminstruction", "systeminstructions"),
        *("sysprompt", "systemcontent"),
    ),
    "history": (
        *("history", "chathistory", "conversationhistory", "dialoghistory", "dialoguehistory"),
        "messagehistory",
    ),
    "instruction": ("instruction", "instructions"),
    "question": ("question", "query", "problem"),
    "input": (
        *("input", "inputs", "inputtext", "inputcontext", "context", "contexts", "contexttext"),
        *("passage", "passages", "document", "documents", "background", "knowledge", "evidence"),
    ),
    "tools": ("tools", "functions", "toolschemas", "tooldefinitions", "availabletools"),
    "reasoning": (
        *("reasoning", "reasoningcontent", "reasoningtrace", "reasoningtext", "thinking", "think"),
        *("thinkingcontent", "thinkingtrace", "thinkingtrajectory", "thinkingtrajectories"),
        *("thought", "thoughts", "thoughtprocess", "chainofthought", "chainofthoughts", "cot"),
        *("rationale", "rationales", "scratchpad"),
    ),
}
"""Names of published datasets' columns, folded, in the order in which their texts belong."""

LAST_WORDS = frozenset({"reasoning", "thinking", "cot", "rationale", "thoughts"})
"""Last words of names of reasoning: ``Complex_CoT``, ``deepseek_reasoning``."""

NO_TEXT = ("[]", "{}", "null")
"""JSON text that says nothing."""

_SIGNS = re.compile(r"[^0-9a-z]+")


@cache
def context_kind(name: str) -> Kind | None:
    """Return the kind of context that a column carries by its name; ``None``: it carries none.

    Example:
        >>> context_kind("System Prompt"), context_kind("Complex_CoT"), context_kind("id")
        ('system', 'reasoning', None)
    """
    words = [word for word in _SIGNS.split(name.casefold()) if word]
    folded = "".join(words)
    known = next((kind for kind, names in KINDS.items() if folded in names), None)
    if known is None and words and words[-1] in LAST_WORDS:
        return "reasoning"
    return known


def says_nothing(text: str) -> bool:
    """Return whether text is blank, or JSON without a value."""
    return is_blank(text) or text.strip(BLANKS) in NO_TEXT


def has_text(value: object) -> bool:
    """Return whether there is text in a value, at any depth; numbers are none."""
    if isinstance(value, str):
        return not says_nothing(value)
    if isinstance(value, (list, dict)):
        return any(map(has_text, value.values() if isinstance(value, dict) else value))
    return False


def lost_context(
    record: Mapping[str, Any], watched: Iterable[str], written: Mapping[str, bytes]
) -> Iterator[LostContext]:
    """Yield an issue for each column of context whose text the written row lacks.

    Text that another column repeats is not lost: a system prompt beside messages that begin with
    it, an instruction beside the prompt that was made of it.

    Args:
        record: the row after rename.
        watched: its columns that carry context and are not written.
        written: JSON text of each column that is.
    """
    texts: list[str] | None = None
    for name in watched:
        value = record[name]
        if not has_text(value):
            continue
        if texts is None:
            texts = [text for json_text in written.values() for text in _texts(json_text)]
        if not (isinstance(value, str) and any(value.strip(BLANKS) in text for text in texts)):
            yield LostContext(name, nested=not isinstance(value, str))


def _texts(json_text: bytes) -> Iterator[str]:
    stack: list[Any] = [json.loads(json_text)]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, dict)):
            stack += value.values() if isinstance(value, dict) else value
