"""Rows as people are shown them: the model's text, with what is trained of it."""

from __future__ import annotations

from mlcc_core import RowText, TextPart
from mlcc_tokens.conversation import PROMPT, Conversation
from mlcc_tokens.rendered import Rendered, parts
from mlcc_tokens.turns.dialogue import Dialogue

WHOLE = "messages"


def shown(row: Conversation | Dialogue, rendered: Rendered) -> RowText:
    """Return a row's text, by the column of each reply.

    Args:
        row: a prompt with replies, or a whole conversation.
        rendered: by the model's chat template.
    """
    if isinstance(row, Dialogue):
        columns = [WHOLE]
    else:
        columns = [column for column in row if column != PROMPT]
    texts = {
        column: tuple(TextPart(*part) for part in parts(text, rendered.spans(text)))
        for column, text in zip(columns, rendered.prompt_with_each_reply, strict=False)
    }
    if not texts and rendered.prompt:
        texts = {PROMPT: (TextPart(rendered.prompt, trained=False),)}
    return RowText(texts, rendered.fault)
