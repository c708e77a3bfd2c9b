"""The one place that a model is put into: training, sampling, asking and judging alike.

A chat template renders a conversation twice: the prompt alone, with what opens a reply, where a
model is asked or sampled from; and prompt and reply, where it is trained. The first must be the
beginning of the second, token by token, or the model is asked in a place that it never saw. The
reply must be in the second with all its text, and after it a token that ends the turn. Not every
template does that by itself; :func:`prepare` tries one on a made-up conversation and mends it
(:mod:`mlcc_tokens.mending`). The mended template is saved with what is trained, so that whoever
serves the result speaks to it in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_core.errors import MlccError
from mlcc_tokens import mending
from mlcc_tokens.mending import Mending
from mlcc_tokens.template import give_template

Thinking = Literal["on", "off"]

SWITCHES = ("enable_thinking", "thinking")
"""Variables by which chat templates take a switch for thoughts."""

OPENED = re.compile(r"<((?:\w+:)?(?:think|thinking|thought|reason|reasoning))>\s*\Z")
"""A prompt that ends like this has opened a thought for the model."""

QUESTION, ANSWER, THOUGHT = "What is it?", "It is so.", "Because."
"""A made-up conversation. No template trims or splits these."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A tokenizer whose chat template is fit for training, and facts about it.

    Attributes:
        tokenizer: of transformers; its template is mended.
        thinking: whether replies may hold thoughts; ``None`` where the template knows none.
        ends: ids of the tokens that end an assistant's turn; the first one is learned.
        lead: text between what opens a reply and its content, written by the model itself:
            ``<|channel|>final<|message|>``; mostly empty.
        tag: name of the tag that encloses a thought (``think``).
        notes: for the user.
    """

    tokenizer: Any
    thinking: Thinking | None
    ends: tuple[int, ...]
    lead: str = ""
    tag: str = "think"
    notes: tuple[str, ...] = ()


def prepare(tokenizer: Any, source: str, thinking: Thinking | None = None) -> Chat:
    """Give ``tokenizer`` a chat template that puts the model into one place everywhere.

    Args:
        tokenizer: changed in place: its template, mended where that is needed.
        source: the model's name, for messages.
        thinking: as the user asks for it; by default what the template was prepared for before,
            else ``off`` where the template knows thoughts.

    Raises:
        MlccError: the template cannot be mended, or knows no thoughts and ``on`` is asked for.
    """
    notes = []
    if give_template(tokenizer):
        notes.append(
            f"{source} has no chat template (a base model): using a plain one "
            "(### User: … ### Assistant: …), saved with the output."
        )
    original, before = mending.taken_apart(_text_of(tokenizer.chat_template))
    switch, tag = _switch(tokenizer, original), _opened(tokenizer, original)
    if switch is None and tag is None:
        if thinking == "on":
            raise MlccError(
                f"The chat template of {source} knows no thoughts, expected one that does.",
                where="--thinking",
                hint="leave --thinking out",
            )
        mode: Thinking | None = None
    else:
        mode = thinking or before or "off"
    reasons: list[str] = []
    for attempt in _attempts(tokenizer, original, mode, switch, tag):
        rendered = _try(tokenizer, attempt)
        if not rendered.faults:
            break
        reasons += rendered.faults
    else:
        raise MlccError(
            f"The chat template of {source} cannot be trained with: {reasons[0]}.",
            where="--model",
            hint="mend chat_template.jinja in the model's folder, or choose another model",
        )
    tokenizer.chat_template = attempt.template
    ends, more = _ends(tokenizer, rendered.end, source)
    notes += more
    if "mlcc_chat" in attempt.template:
        notes.append(
            f"The chat template of {source} is mended, so that training and asking agree; "
            "the mended one is saved with the output."
        )
    return Chat(tokenizer, mode, ends, rendered.lead, tag or "think", tuple(notes))


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A template tried on the made-up conversation.

    Attributes:
        faults: reasons why it cannot be used, in words that follow a colon.
        lead: text between what opens a reply and its content.
        end: id of the token that ends the turn.
    """

    faults: tuple[str, ...]
    lead: str = ""
    end: int | None = None


def _attempts(
    tokenizer: Any, original: str, mode: Thinking | None, switch: str | None, tag: str | None
) -> Iterator[Mending]:
    """Yield mendings from none to most, each also with the blanks of a prompt's end cut."""
    for attempt in _whole_attempts(tokenizer, original, mode, switch, tag):
        yield attempt
        cut = _blanks_to_cut(tokenizer, attempt.template)
        if cut:
            yield attempt.but(cut_end=cut)


def _whole_attempts(
    tokenizer: Any, original: str, mode: Thinking | None, switch: str | None, tag: str | None
) -> Iterator[Mending]:
    plain = Mending(original, thinking=mode, switch=switch)
    for parts in (False, True):
        for closes in (False, True):
            yield plain.but(parts=parts, closes_with_eos=closes)
    bos = tokenizer.bos_token
    if bos:
        yield plain.but(cut_start=bos)
    if tag is not None or switch is not None:
        end = _native_end(tokenizer, plain) or tokenizer.eos_token
        opens = _opened(tokenizer, plain.template) is not None
        for parts in (False, True):
            yield plain.but(
                parts=parts, reply=True, tag=tag or "think", end=end, opened=opens and mode == "off"
            )


def _try(tokenizer: Any, attempt: Mending) -> _Rendered:
    """Render the made-up conversation with the mended template and look for faults."""
    template = attempt.template
    replies = [ANSWER]
    if attempt.thinking == "on":
        replies.append(mending.with_thought(THOUGHT, ANSWER, attempt.tag))
    try:
        asked = _render(tokenizer, template, _talk(), opens_reply=True)
        wholes = [_render(tokenizer, template, _talk(reply)) for reply in replies]
    except Exception as error:  # templates raise what they like
        return _Rendered((str(error).partition("\n")[0] or type(error).__name__,))
    faults = [fault for whole in wholes for fault in _faults(tokenizer, asked, whole)]
    if len(wholes) == 2:
        told = wholes[1][len(asked) :]
        if THOUGHT not in told:
            faults.append("it drops thoughts")
        if told.count(f"</{attempt.tag}>") > 1:
            faults.append("it writes an empty thought before one that a reply holds")
    if faults:
        return _Rendered(tuple(faults))
    lead, _, tail = wholes[0][len(asked) :].rpartition(ANSWER)
    return _Rendered((), lead, end_token(tokenizer, tail))


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
    """Whether the tokens of ``whole`` begin with those of ``asked``."""
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


def _ends(tokenizer: Any, learned: int | None, source: str) -> tuple[tuple[int, ...], list[str]]:
    """The tokens that end a turn, the learned one first, and a note where they differ."""
    assert learned is not None  # noqa: S101 - a template without one has a fault
    own: int | None = tokenizer.eos_token_id
    if own in (None, learned):
        return (learned,), []
    token = tokenizer.convert_ids_to_tokens(learned)
    note = (
        f"The chat template of {source} ends a turn with {token}, its tokenizer a sequence with "
        f"{tokenizer.eos_token}: replies end at either."
    )
    return (learned, int(own)), [note]


def _switch(tokenizer: Any, template: str) -> str | None:
    """The variable by which the template takes a switch for thoughts."""
    for name in SWITCHES:
        if not re.search(rf"\b{name}\b", template):
            continue
        on, off = (_both(tokenizer, template, {name: value}) for value in (True, False))
        if on is not None and off is not None and on != off:
            return name
    return None


def _opened(tokenizer: Any, template: str) -> str | None:
    """The tag of the thought that the template opens for the model, if it does by itself."""
    rendered = _both(tokenizer, template, {})
    found = OPENED.search(rendered[0]) if rendered else None
    return found[1] if found else None


def _blanks_to_cut(tokenizer: Any, template: str) -> int:
    """How many blanks at the end of a prompt are other tokens once a reply follows."""
    rendered = _both(tokenizer, template, {})
    if rendered is None or not rendered[1].startswith(rendered[0]):
        return 0
    asked, whole = rendered
    blanks = len(asked) - len(asked.rstrip())
    for cut in range(1, blanks + 1):
        if begins_with(tokenizer, whole, asked[:-cut]):
            return 0 if begins_with(tokenizer, whole, asked) else cut
    return 0


def _native_end(tokenizer: Any, attempt: Mending) -> str | None:
    """What the template itself writes after a reply, if that ends a turn."""
    rendered = _both(tokenizer, attempt.template, {})
    if rendered is None or ANSWER not in rendered[1]:
        return None
    tail = rendered[1].rpartition(ANSWER)[2]
    return tail if end_token(tokenizer, tail) is not None else None


def _both(tokenizer: Any, template: str, switches: Mapping[str, Any]) -> tuple[str, str] | None:
    """The made-up prompt alone, and with its reply; ``None`` where the template refuses it."""
    try:
        return (
            _render(tokenizer, template, _talk(), opens_reply=True, **switches),
            _render(tokenizer, template, _talk(ANSWER), **switches),
        )
    except Exception:  # templates raise what they like
        return None


def _talk(reply: str | None = None) -> list[dict[str, str]]:
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


def _text_of(template: str | Mapping[str, str]) -> str:
    """The template; of several named ones the default."""
    if isinstance(template, str):
        return template
    return template["default"] if "default" in template else next(iter(template.values()))
