"""Conversations in tokens, many at once: as the trainers make them, but faster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlcc_core.tokens import RowTokens
from mlcc_tokens.conversation import PROMPT, Talk
from mlcc_tokens.messages import Message


def count(tokenizer: Any, talks: Sequence[Talk]) -> list[RowTokens]:
    """The tokens of each row.

    Args:
        tokenizer: of transformers, with a chat template.

    Returns:
        One answer a row; for a row that the chat template refuses, its words.
    """
    try:
        return _count(tokenizer, talks)
    except Exception as error:  # templates raise what they like
        if len(talks) == 1:
            return [RowTokens(0, 0, refusal=str(error) or type(error).__name__)]
    return [count(tokenizer, [talk])[0] for talk in talks]


def _count(tokenizer: Any, talks: Sequence[Talk]) -> list[RowTokens]:
    prompts = [talk[PROMPT] for talk in talks if talk.get(PROMPT)]
    replied = [whole for talk in talks for whole in wholes(talk)]
    asked = iter(_lengths(tokenizer, prompts, reply_follows=True))
    lengths = iter(_lengths(tokenizer, replied, reply_follows=False))
    return [
        RowTokens(
            prompt=next(asked) if talk.get(PROMPT) else 0,
            whole=max((next(lengths) for _ in wholes(talk)), default=0),
        )
        for talk in talks
    ]


def wholes(talk: Talk) -> Iterator[list[Message]]:
    """The prompt with each reply."""
    for column, reply in talk.items():
        if column != PROMPT:
            yield talk.get(PROMPT, []) + reply


def _lengths(
    tokenizer: Any, conversations: Sequence[list[Message]], *, reply_follows: bool
) -> list[int]:
    if not conversations:
        return []
    texts = tokenizer.apply_chat_template(
        conversations, tokenize=False, add_generation_prompt=reply_follows
    )
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        return list(map(len, tokenizer(texts, add_special_tokens=False)["input_ids"]))
    # A tokenizer may come with limits of its own; training lifts them likewise.
    fast.no_truncation()
    fast.no_padding()
    return list(map(len, fast.encode_batch_fast(texts, add_special_tokens=False)))
