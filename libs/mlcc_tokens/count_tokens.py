"""Conversations in tokens, many at once: as the trainers make them, but faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlcc_core import RowTokens
from mlcc_tokens.conversation import Conversation
from mlcc_tokens.rendered import Rendered
from mlcc_tokens.rendering import render_rows
from mlcc_tokens.turns.choice import Conversing
from mlcc_tokens.turns.dialogue import Dialogue
from mlcc_tokens.turns.encoding import Encoded, encode, ids_of_all


def count(
    tokenizer: Any,
    rows: Sequence[Conversation | Dialogue],
    conversing: Conversing | None = None,
) -> list[RowTokens]:
    """Count the tokens of each row.

    Args:
        tokenizer: of transformers, prepared by :func:`mlcc_tokens.templates.chat.prepare`.
        rows: prompts with replies, or whole conversations.
        conversing: renders whole conversations; ``None`` where no row is one.

    Returns:
        One answer a row; for a row that the chat template refuses, or whose text it drops, why.
    """
    return lengths(tokenizer, render_rows(tokenizer, rows, conversing))


def lengths(tokenizer: Any, rows: Sequence[Rendered]) -> list[RowTokens]:
    """Count the tokens of rows that are rendered already."""
    whole_conversations = iter(encode(tokenizer, [row for row in rows if row.turns]))
    pairs = iter(_pairs(tokenizer, [row for row in rows if not row.turns]))
    return [
        tokens_of(next(whole_conversations), row.fault) if row.turns else next(pairs)
        for row in rows
    ]


def tokens_of(encoded: Encoded, refusal: str | None = None) -> RowTokens:
    """Count the tokens of a whole conversation; its prompt is what comes before the first reply.

    Args:
        encoded: the conversation.
        refusal: why it cannot be trained on.
    """
    if refusal is not None:
        return RowTokens(0, 0, refusal)
    prompt = encoded.runs[0][0] if encoded.runs else len(encoded.ids)
    return RowTokens(prompt, len(encoded.ids), None, encoded.trained)


def _pairs(tokenizer: Any, rows: Sequence[Rendered]) -> list[RowTokens]:
    asked = iter(_lengths(tokenizer, [row.prompt for row in rows if row.prompt]))
    whole = iter(_lengths(tokenizer, [text for row in rows for text in row.prompt_with_each_reply]))
    counted = []
    for row in rows:
        prompt = next(asked) if row.prompt else 0
        replies = [next(whole) for _ in row.prompt_with_each_reply]
        trained = replies[0] - prompt if len(replies) == 1 and row.fault is None else None
        longest = max(replies, default=0)
        further = 0 if row.fault is not None else sum(replies) - longest
        counted.append(RowTokens(prompt, longest, row.fault, trained, further))
    return counted


def _lengths(tokenizer: Any, texts: list[str]) -> list[int]:
    return list(map(len, ids_of_all(tokenizer, texts)))
