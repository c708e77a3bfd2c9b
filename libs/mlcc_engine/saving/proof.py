"""Proof that what was saved is what was trained: the same rows, the same loss."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from mlcc_core import JobError
from mlcc_tokens.conversation import PROMPT
from mlcc_tokens.rendering import render
from mlcc_tokens.templates.chat import Chat
from mlcc_tokens.templates.trial import ids_of

REPLIES = 2
"""Replies that are looked at, of rows spread over the dataset."""

REPLY_TOKENS = 64
PASSAGE_TOKENS = 512
"""Tokens that are looked at of a reply, and of a prompt with it. Each passage is read three times
in a job: six forward passes in all."""

ROUNDING = 0.02
"""Share of a loss by which it may differ after saving, and nats a token that it may differ by
where the loss is small. Measured on a model of 135 million parameters, in nats a token: 0.004 for
bfloat16 with stochastic rounding, at most 0.0064 in 72 roundings of 12 runs; 2.3 with rounding to
the nearest."""

MAX_LOST_SHARE = 0.5
"""Share of the change by training that may be gone after saving in the same bits."""

NOISE = 2e-3
"""Nats a token below which a change cannot be told from the number format's own."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens of a trained row.

    Attributes:
        ids: of prompt and reply.
        start: of the reply among them; 1 for a prompt alone.
    """

    ids: tuple[int, ...]
    start: int


def passages(dataset: Any, chat: Chat, longest: int | None = None) -> list[Passage]:
    """Take a few rows of the dataset that is trained on, as the model reads them.

    Args:
        dataset: rows of conversations by column; columns of other values are passed over.
        chat: of the model.
        longest: tokens of a row that are trained.
    """
    limit = min(PASSAGE_TOKENS, longest or PASSAGE_TOKENS)
    found: list[Passage] = []
    rows = max(1, REPLIES // _replies(dataset[0]))
    for index in range(0, len(dataset), -(-len(dataset) // rows)):
        conversation = _conversation_of(dataset[index])
        (row,) = render(chat.tokenizer, [conversation])
        prompt = ids_of(chat.tokenizer, row.prompt) if conversation.get(PROMPT) else []
        for text in row.prompt_with_each_reply or (row.prompt,):
            ids = tuple(ids_of(chat.tokenizer, text)[: min(limit, len(prompt) + REPLY_TOKENS)])
            start = len(prompt) if len(prompt) < len(ids) else 0
            if len(ids) > 1:
                found.append(Passage(ids, max(start, 1)))
    return found


def text_passages(
    dataset: Any, chat: Chat, known: int, longest: int | None = None
) -> list[Passage]:
    """Take the text of a few rows that the trainer alone knows how to render.

    Args:
        dataset: rows of any columns.
        chat: of the model.
        known: tokens that the model has embeddings for.
        longest: tokens of a row that are trained.
    """
    limit = min(PASSAGE_TOKENS, longest or PASSAGE_TOKENS)
    found: list[Passage] = []
    for index in range(0, len(dataset), -(-len(dataset) // REPLIES)):
        text = json.dumps(dataset[index], ensure_ascii=False, default=str)
        ids = [token for token in ids_of(chat.tokenizer, text) if token < known][:limit]
        if len(ids) > 1:
            found.append(Passage(tuple(ids), 1))
    return found


def _conversation_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column: value
        for column, value in row.items()
        if isinstance(value, list) and value and isinstance(value[0], Mapping)
    }


def _replies(row: Mapping[str, Any]) -> int:
    conversation = _conversation_of(row)
    return max(1, len(conversation) - (PROMPT in conversation))


def losses(model: Any, chosen: Sequence[Passage]) -> list[float]:
    """Compute the mean loss of each passage's reply, in nats a token, one passage at a time."""
    import torch

    device = next(model.parameters()).device
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return [_loss(model, passage, device) for passage in chosen]
    finally:
        model.train(training)


def _loss(model: Any, passage: Passage, device: Any) -> float:
    import torch

    ids = torch.tensor([passage.ids], device=device)
    half = next(model.parameters()).dtype != torch.float32
    mixed = torch.autocast(device.type, dtype=torch.bfloat16) if half else nullcontext()
    with mixed:
        logits = model(input_ids=ids).logits[0, passage.start - 1 : -1]
    aimed = ids[0, passage.start :]
    return float(torch.nn.functional.cross_entropy(logits.float(), aimed))


def compare(
    before: Sequence[float],
    trained: Sequence[float],
    saved: Sequence[float],
    *,
    of: str = "the base",
    rounded: bool = False,
) -> str:
    """Hold the losses of what was saved against those that training ended with.

    Args:
        before: of the model that training began with.
        trained: of the trained model in memory.
        saved: of what was saved, loaded again.
        of: names the model that training began with.
        rounded: it was saved in fewer bits. Rounding moves losses by as much as a small training
            does, so that :func:`mlcc_engine.saving.kept.check` must say how much of that is kept.

    Returns:
        A line for the log.

    Raises:
        JobError: they differ by more than rounding.
    """
    mean = sum(trained) / len(trained)
    again = sum(saved) / len(saved)
    gap = _distance(saved, trained)
    moved = _distance(trained, before)
    if gap > ROUNDING * max(mean, 1.0) or (
        not rounded and gap > max(NOISE, MAX_LOST_SHARE * moved)
    ):
        raise JobError(
            f"What was saved is not what was trained: its loss on {len(trained)} trained passages "
            f"is {again:.4f}, training ended with {mean:.4f}. Nothing is kept.",
            hint="--save-dtype float32" if rounded else "mlcc plugins   # report it with this list",
        )
    return (
        f"The saved output was loaded again: loss {again:.4f} on {len(trained)} trained passages, "
        f"{mean:.4f} before it was saved, {sum(before) / len(before):.4f} of {of}."
    )


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
