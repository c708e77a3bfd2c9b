"""The chat template with which whole conversations are trained, chosen by trying it.

In order: the model's own, TRL's variant of it for training, and the model's own without the
thought that it opens. The first one is taken in which two replies of a made-up conversation, and
its tool call, are found in their places, each with all its text and a token that ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from mlcc_core import MlccError
from mlcc_tokens.templates import mending
from mlcc_tokens.templates.chat import Chat, prepare
from mlcc_tokens.templates.training import has_marks, training_template, without_marks
from mlcc_tokens.templates.trial import end_token
from mlcc_tokens.turns.dialogue import Dialogue, TrainOn
from mlcc_tokens.turns.placing import Turns, render_dialogue
from mlcc_tokens.turns.renderer import TokenizerRenderer

ASKED, SAID, AGAIN, ENDED = "What is it?", "It is so.", "And then?", "It is done."
"""A made-up conversation. No template trims or splits these."""

CALLED, ARGUMENT, VALUE, FOUND = "look_it_up", "subject", "Paris", "A city."

TOOL = {
    "type": "function",
    "function": {
        "name": CALLED,
        "description": "Looks it up.",
        "parameters": {
            "type": "object",
            "properties": {ARGUMENT: {"type": "string", "description": "The subject."}},
            "required": [ARGUMENT],
        },
    },
}
CALL = {
    "id": "abcdef123",
    "type": "function",
    "function": {"name": CALLED, "arguments": {ARGUMENT: VALUE}},
}


def talk(train_on: TrainOn) -> Dialogue:
    """Return the made-up conversation."""
    messages = (
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": SAID},
        {"role": "user", "content": AGAIN},
        {"role": "assistant", "content": ENDED},
    )
    return Dialogue(messages, (1, 3) if train_on == "all" else (3,))


def talk_with_tool(train_on: TrainOn) -> Dialogue:
    """Return a made-up conversation with a tool call, its answer and another question."""
    messages = (
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "name": CALLED, "tool_call_id": CALL["id"], "content": FOUND},
        {"role": "assistant", "content": SAID},
        {"role": "user", "content": AGAIN},
        {"role": "assistant", "content": ENDED},
    )
    return Dialogue(messages, (1, 3, 5) if train_on == "all" else (5,), (TOOL,))


@dataclass(frozen=True, slots=True)
class Conversing:
    """A chat template that is fit for whole conversations.

    Attributes:
        chat: of the model; its tokenizer has the template.
        turns: the form in which the template takes conversations, with a fault where no
            template will do.
        renderer: renders with it.
    """

    chat: Chat
    turns: Turns
    renderer: TokenizerRenderer


def choose(chat: Chat, source: str, train_on: TrainOn = "all") -> Conversing:
    """Choose the template for whole conversations; the tokenizer has it from then on.

    Args:
        chat: of the model, as it is prepared for prompts and their replies.
        source: the model's name, for messages.
        train_on: the replies that are trained. To train the last ones, the model's own will do.
    """
    tokenizer = chat.tokenizer
    own: str = tokenizer.chat_template
    plain = Turns(train_on, thoughtless=chat.thinking == "off")
    without_tools: tuple[Chat, Turns, str | None, str] | None = None
    first_fault: str | None = None
    for attempt, marked in _attempts(chat, source, train_on):
        renderer = TokenizerRenderer(tokenizer, marked)
        for turns in _forms(plain, marked=marked is not None):
            fault = fault_in(tokenizer, renderer, turns, talk(train_on))
            if fault is not None:
                first_fault = first_fault or fault
            elif fault_in(tokenizer, renderer, turns, talk_with_tool(train_on)) is None:
                return Conversing(attempt, turns, renderer)
            elif without_tools is None:
                without_tools = attempt, turns, marked, tokenizer.chat_template
    if without_tools is not None:
        attempt, turns, marked, tokenizer.chat_template = without_tools
        return Conversing(attempt, turns, TokenizerRenderer(tokenizer, marked))
    tokenizer.chat_template = own
    if train_on == "all":
        plain = replace(plain, fault=first_fault)
    return Conversing(chat, plain, TokenizerRenderer(tokenizer))


def _attempts(chat: Chat, source: str, train_on: TrainOn) -> Iterator[tuple[Chat, str | None]]:
    """Yield chats whose tokenizer has another template each, with its marked form."""
    tokenizer, own = chat.tokenizer, str(chat.tokenizer.chat_template)
    original, _ = mending.taken_apart(own)
    yield chat, own if has_marks(own) and not mending.is_called(own) else None
    if train_on == "last":
        return
    variant = training_template(original)
    if variant is not None and (prepared := _prepared(chat, source, variant)):
        marked = str(tokenizer.chat_template)
        tokenizer.chat_template = without_marks(marked)
        note = (
            f"{source}: earlier replies are rendered as TRL's variant of its chat template for "
            "training has them; it is saved with the output."
        )
        yield (
            replace(prepared, notes=(*prepared.notes, note)),
            None if mending.is_called(marked) else marked,
        )
    if chat.thinking == "off" and (prepared := _prepared(chat, source, original, unopened=True)):
        yield prepared, None


def _prepared(chat: Chat, source: str, template: str, *, unopened: bool = False) -> Chat | None:
    """Give the tokenizer a template, mended for this chat; ``None`` where it cannot be."""
    chat.tokenizer.chat_template = template
    try:
        return prepare(chat.tokenizer, source, chat.thinking, unopened=unopened)
    except MlccError:
        return None


def _forms(plain: Turns, *, marked: bool) -> Iterator[Turns]:
    for marks in (False, True) if marked else (False,):
        for as_text, silence in product((False, True), ("", None)):
            yield replace(plain, marks=marks, arguments_as_text=as_text, silence=silence)


def fault_in(
    tokenizer: Any, renderer: TokenizerRenderer, turns: Turns, dialogue: Dialogue
) -> str | None:
    """Try a made-up conversation: return what is wrong with the places of its replies.

    Args:
        tokenizer: tells which tokens end a turn.
        renderer: of the template that is tried.
        turns: the form that is tried.
        dialogue: the conversation.
    """
    row = render_dialogue(renderer, turns, dialogue)
    if row.fault is not None:
        return row.fault
    (whole,) = row.prompt_with_each_reply
    for place, (start, end) in zip(dialogue.trained, row.trained, strict=True):
        said = dialogue.messages[place]["content"] or VALUE
        before, _, tail = whole[start:end].rpartition(said)
        if end_token(tokenizer, tail) is None:
            return f"it ends the reply {said!r} with no special token"
        if "None" in before:
            return "it writes a reply without content as None"
        for other in (ASKED, AGAIN, FOUND):
            if other in before + tail:
                return f"it renders {other!r} as part of the reply {said!r}"
    return None
