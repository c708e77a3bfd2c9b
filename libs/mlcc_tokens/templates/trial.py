"""A chat template tried on a made-up conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core.helpers import reason_of
from mlcc_tokens.templates import mending
from mlcc_tokens.templates.mending import Mending

SWITCHES = ("enable_thinking", "thinking")
"""Variables by which chat templates take a switch for thoughts."""

OPEN_THOUGHT = re.compile(r"<((?:\w+:)?(?:think|thinking|thought|reason|reasoning))>\s*\Z")
"""A prompt that ends like this has opened a thought for the model."""

QUESTION, ANSWER, THOUGHT = "What is it?", "It is so.", "Because."
"""A made-up conversation. No template trims or splits these."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A template tried on the made-up conversation.

    Attributes:
        faults: reasons why it cannot be used, in words that follow a colon.
        lead: text between what opens a reply and its content.
        end: id of the token that ends the turn.
    """

    faults: tuple[str, ...]
    lead: str = ""
    end: int | None = None


def try_out(tokenizer: Any, attempt: Mending) -> Tried:
    """Render the made-up conversation with the mended template and look for faults."""
    template = attempt.template
    replies = [ANSWER]
    if attempt.thinking == "on":
        replies.append(mending.with_thought(THOUGHT, ANSWER, attempt.tag))
    try:
        asked = _render(tokenizer, template, _messages(), opens_reply=True)
        texts = [_render(tokenizer, template, _messages(reply)) for reply in replies]
    except Exception as error:  # templates raise what they like
        return Tried((reason_of(error),))
    faults = [fault for whole in texts for fault in _faults(tokenizer, asked, whole)]
    if len(texts) == 2:
        learned = texts[1][len(asked) :]
        if THOUGHT not in learned:
            faults.append("it drops thoughts")
        if learned.count(f"</{attempt.tag}>") > 1:
            faults.append("it writes an empty thought before one that a reply holds")
    if faults:
        return Tried(tuple(faults))
    lead, _, tail = texts[0][len(asked) :].rpartition(ANSWER)
    return Tried((), lead, end_token(tokenizer, tail))


def _faults(tokenizer: Any, asked: str, whole: str) -> Iterator[str]:
    if QUESTION not in asked or ANSWER not in whole:
        yield "it drops the text of messages"
        return
    if tokenizer.bos_token and asked.startswith(tokenizer.bos_token * 2):
        yield "it begins with two beginning-of-sequence tokens"
    if not begins_with(tokenizer, whole, asked):
        yield (
            f"it renders a prompt differently once a reply follows ({asked[-40:]!r} is not the "
            f"beginning of {whole[-60:]!r})"
        )
    if end_token(tokenizer, whole.rpartition(ANSWER)[2]) is None:
        yield "it ends a reply with no special token, so that a model never learns to stop"


def begins_with(tokenizer: Any, whole: str, asked: str) -> bool:
    """Return whether the tokens of ``whole`` begin with those of ``asked``."""
    if not whole.startswith(asked):
        return False
    start = ids_of(tokenizer, asked)
    return ids_of(tokenizer, whole)[: len(start)] == start


def ids_of(tokenizer: Any, text: str) -> list[int]:
    """The token ids of a rendered conversation, which holds its special tokens as text."""
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def end_token(tokenizer: Any, tail: str) -> int | None:
    """The id of the first special token in what follows a reply's text; ``None`` without one."""
    special = {*tokenizer.all_special_ids, *getattr(tokenizer, "added_tokens_decoder", {})}
    return next((token for token in ids_of(tokenizer, tail) if token in special), None)


def switch_of(tokenizer: Any, template: str) -> str | None:
    """The variable by which the template takes a switch for thoughts."""
    for name in SWITCHES:
        if not re.search(rf"\b{name}\b", template):
            continue
        on, off = (_both(tokenizer, template, {name: value}) for value in (True, False))
        if on is not None and off is not None and on != off:
            return name
    return None


def opened_tag(tokenizer: Any, template: str) -> str | None:
    """The tag of the thought that the template opens for the model, if it does by itself."""
    found = _opened(tokenizer, template)
    return found[1] if found else None


def opened_text(tokenizer: Any, template: str) -> str:
    """The text with which the template opens a thought by itself; empty where it does not."""
    found = _opened(tokenizer, template)
    return found[0] if found else ""


def _opened(tokenizer: Any, template: str) -> re.Match[str] | None:
    rendered = _both(tokenizer, template, {})
    return OPEN_THOUGHT.search(rendered[0]) if rendered else None


def blanks_to_cut(tokenizer: Any, template: str) -> int:
    """Count the blanks at the end of a prompt that are other tokens once a reply follows."""
    rendered = _both(tokenizer, template, {})
    if rendered is None or not rendered[1].startswith(rendered[0]):
        return 0
    asked, whole = rendered
    blanks = len(asked) - len(asked.rstrip())
    for cut in range(1, blanks + 1):
        if begins_with(tokenizer, whole, asked[:-cut]):
            return 0 if begins_with(tokenizer, whole, asked) else cut
    return 0


def native_end(tokenizer: Any, attempt: Mending) -> str | None:
    """Return the token that the template itself writes after a reply, if that ends a turn."""
    rendered = _both(tokenizer, attempt.template, {})
    if rendered is None or ANSWER not in rendered[1]:
        return None
    tail = rendered[1].rpartition(ANSWER)[2]
    return tail if end_token(tokenizer, tail) is not None else None


def _both(tokenizer: Any, template: str, switches: Mapping[str, Any]) -> tuple[str, str] | None:
    """The made-up prompt alone, and with its reply; ``None`` where the template refuses it."""
    try:
        return (
            _render(tokenizer, template, _messages(), opens_reply=True, **switches),
            _render(tokenizer, template, _messages(ANSWER), **switches),
        )
    except Exception:  # templates raise what they like
        return None


def _messages(reply: str | None = None) -> list[dict[str, str]]:
    asked = [{"role": "user", "content": QUESTION}]
    return asked if reply is None else [*asked, {"role": "assistant", "content": reply}]


def _render(
    tokenizer: Any,
    template: str,
    messages: Sequence[Mapping[str, str]],
    *,
    opens_reply: bool = False,
    **switches: Any,
) -> str:
    text: str = tokenizer.apply_chat_template(
        messages,
        chat_template=template,
        tokenize=False,
        add_generation_prompt=opens_reply,
        **switches,
    )
    return text
