"""Conversations in tokens, many at once: as the trainers make them, but faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlcc_core import RowTokens
from mlcc_tokens.conversation import Conversation
from mlcc_tokens.rendering import Rendered, render


def count(tokenizer: Any, conversations: Sequence[Conversation]) -> list[RowTokens]:
    """Count the tokens of each row.

    Args:
        tokenizer: of transformers, prepared by :func:`mlcc_tokens.templates.chat.prepare`.
        conversations: of the rows.

    Returns:
        One answer a row; for a row that the chat template refuses, or whose text it drops, why.
    """
    return lengths(tokenizer, render(tokenizer, conversations))


def lengths(tokenizer: Any, rows: Sequence[Rendered]) -> list[RowTokens]:
    """Count the tokens of rows that are rendered already."""
    asked = iter(_lengths(tokenizer, [row.prompt for row in rows if row.prompt]))
    whole = iter(_lengths(tokenizer, [text for row in rows for text in row.prompt_with_each_reply]))
    return [
        RowTokens(
            prompt=next(asked) if row.prompt else 0,
            whole=max((next(whole) for _ in row.prompt_with_each_reply), default=0),
            refusal=row.fault,
        )
        for row in rows
    ]


def _lengths(tokenizer: Any, texts: list[str]) -> list[int]:
    if not texts:
        return []
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        return list(map(len, tokenizer(texts, add_special_tokens=False)["input_ids"]))
    # A tokenizer may come with limits of its own; training lifts them likewise.
    fast.no_truncation()
    fast.no_padding()
    return list(map(len, fast.encode_batch_fast(texts, add_special_tokens=False)))
