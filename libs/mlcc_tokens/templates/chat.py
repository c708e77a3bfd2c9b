"""The one place that a model is put into: training, sampling, asking and judging alike.

A chat template renders a conversation twice: the prompt alone, with what opens a reply, where a
model is asked or sampled from; and prompt and reply, where it is trained. The first must be the
beginning of the second, token by token, or the model is asked in a place that it never saw. The
reply must be in the second with all its text, and after it a token that ends the turn. Not every
template does that by itself; :func:`prepare` tries one on a made-up conversation and mends it
(``mending.py``). The mended template is saved with what is trained, so that a server of
the result prompts it in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_core import MlccError
from mlcc_tokens.templates import mending
from mlcc_tokens.templates.mending import Mending
from mlcc_tokens.templates.template import give_template
from mlcc_tokens.templates.trial import (
    blanks_to_cut,
    native_end,
    opened_tag,
    opened_text,
    switch_of,
    try_out,
)

Thinking = Literal["on", "off"]


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


def prepare(
    tokenizer: Any, source: str, thinking: Thinking | None = None, *, unopened: bool = False
) -> Chat:
    """Give ``tokenizer`` a chat template that puts the model into one place everywhere.

    Args:
        tokenizer: changed in place: its template, mended where that is needed.
        source: the model's name, for messages.
        thinking: as the user asks for it; by default what the template was prepared for before,
            else ``off`` where the template knows thoughts.
        unopened: without thoughts, a thought that the template opens is left out rather than
            closed at once; so it stays for a template that was prepared so before.

    Raises:
        MlccError: the template cannot be mended, or knows no thoughts and ``on`` is asked for.
    """
    notes = []
    if give_template(tokenizer):
        notes.append(
            f"{source} has no chat template (a base model): using a plain one "
            "(### User: … ### Assistant: …), saved with the output."
        )
    given = _text_of(tokenizer.chat_template)
    original, before = mending.taken_apart(given)
    unopened = unopened or mending.is_unopened(given)
    switch, tag = switch_of(tokenizer, original), opened_tag(tokenizer, original)
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
    for attempt in _attempts(tokenizer, original, mode, switch, tag, unopened=unopened):
        rendered = try_out(tokenizer, attempt)
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


def _attempts(
    tokenizer: Any,
    original: str,
    mode: Thinking | None,
    switch: str | None,
    tag: str | None,
    *,
    unopened: bool,
) -> Iterator[Mending]:
    """Yield mendings from none to most, each also with the blanks of a prompt's end cut."""
    opening = opened_text(tokenizer, original)
    if unopened and mode == "off" and opening:
        yield Mending(original, thinking=mode, switch=switch, cut_thought=opening)
    for attempt in _whole_attempts(tokenizer, original, mode, switch, tag):
        yield attempt
        cut = blanks_to_cut(tokenizer, attempt.template)
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
        end = native_end(tokenizer, plain) or tokenizer.eos_token
        opens = opened_tag(tokenizer, plain.template) is not None
        for parts in (False, True):
            yield plain.but(
                parts=parts, reply=True, tag=tag or "think", end=end, opened=opens and mode == "off"
            )


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


def _text_of(template: str | Mapping[str, str]) -> str:
    """The template; of several named ones the default."""
    if isinstance(template, str):
        return template
    return template["default"] if "default" in template else next(iter(template.values()))
