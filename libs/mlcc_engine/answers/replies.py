"""Replies to many prompts: greedy, in batches that are padded on the left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlcc_engine.answers.batches import in_batches
from mlcc_engine.generate import ChatModel
from mlcc_engine.model import models
from mlcc_tokens.reply import Reply, take_apart

TOKENS = {"cpu": 8192, "mps": 16384, "cuda": 65536}
"""Tokens of a batch, with those that are generated, by device."""

ROWS = {"cpu": 32, "mps": 64, "cuda": 256}
"""Rows of a batch, at most, by device."""


def replies(
    chat_model: ChatModel, prompts: Sequence[list[int]], longest: int, context: int | None
) -> Iterator[tuple[list[int], list[Reply]]]:
    """Yield the most likely replies, batch by batch, with the places of their prompts.

    Args:
        chat_model: that is asked.
        prompts: tokens of each, less than the context.
        longest: of a reply, in tokens; less where the context leaves less.
        context: of the model, where it is known.
    """
    device = str(chat_model.model.device.type)
    rooms = [longest if context is None else min(longest, context - len(ids)) for ids in prompts]

    def answer(batch: list[int]) -> list[Reply]:
        made = generate(chat_model, [prompts[place] for place in batch], max_of(rooms, batch))
        return [
            take_apart(chat_model.chat, ids[: rooms[place]], prompts[place])
            for place, ids in zip(batch, made, strict=True)
        ]

    sizes = [len(ids) + room for ids, room in zip(prompts, rooms, strict=True)]
    yield from in_batches(sizes, TOKENS[device], ROWS[device], answer)


def generate(chat_model: ChatModel, prompts: Sequence[list[int]], longest: int) -> list[list[int]]:
    """Return the tokens that follow each prompt, with padding after those that ended."""
    import torch
    from transformers import GenerationConfig

    model, tokenizer = chat_model.model, chat_model.chat.tokenizer
    width = max(map(len, prompts))
    padding = [width - len(ids) for ids in prompts]
    ids = [[tokenizer.pad_token_id] * pad + ids for pad, ids in zip(padding, prompts, strict=True)]
    mask = [[0] * pad + [1] * (width - pad) for pad in padding]
    make: Any = GenerationConfig
    greedy = make(
        max_new_tokens=longest,
        do_sample=False,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=models.ends_of(model, chat_model.chat),
    )
    with torch.inference_mode():
        made = model.generate(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            generation_config=greedy,
        )
    found: list[list[int]] = made[:, width:].tolist()
    return found


def max_of(rooms: Sequence[int], batch: Sequence[int]) -> int:
    """Return the longest reply of a batch."""
    return max(rooms[place] for place in batch)
