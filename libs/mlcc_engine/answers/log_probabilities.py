"""Log-probabilities of the replies that a dataset holds, in batches padded on the right."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from mlcc_engine.answers.batches import in_batches
from mlcc_engine.answers.prompts import Learned
from mlcc_engine.generate import ChatModel

TOKENS = {"cpu": 2048, "mps": 4096, "cuda": 32768}
"""Tokens of a batch, padding included, by device."""

ROWS = {"cpu": 16, "mps": 32, "cuda": 128}

NUMBERS = {"cpu": 2**27, "mps": 2**28, "cuda": 2**30}
"""Logits of a batch, at most, by device: one for each token of the vocabulary at each place."""


def log_probabilities(
    chat_model: ChatModel, passages: Sequence[Learned]
) -> Iterator[tuple[list[int], list[list[float]]]]:
    """Yield the log-probability of each learned token, batch by batch, with the places of rows.

    Args:
        chat_model: that is asked.
        passages: in tokens.
    """
    model = chat_model.model
    device = str(model.device.type)
    vocabulary = model.get_input_embeddings().weight.shape[0]
    budget = min(TOKENS[device], NUMBERS[device] // vocabulary)
    keeps = "logits_to_keep" in inspect.signature(_inner(model).forward).parameters

    def measure(batch: list[int]) -> list[list[float]]:
        return _measured(chat_model, [passages[place] for place in batch], keeps=keeps)

    sizes = [len(passage.ids) for passage in passages]
    yield from in_batches(sizes, budget, ROWS[device], measure)


def _measured(
    chat_model: ChatModel, passages: Sequence[Learned], *, keeps: bool
) -> list[list[float]]:
    import torch

    model = chat_model.model
    width = max(len(passage.ids) for passage in passages)
    pad = chat_model.chat.tokenizer.pad_token_id
    ids = torch.tensor(
        [[*passage.ids, *[pad] * (width - len(passage.ids))] for passage in passages],
        device=model.device,
    )
    mask = torch.tensor(
        [[1] * len(passage.ids) + [0] * (width - len(passage.ids)) for passage in passages],
        device=model.device,
    )
    # The logits of a token are those at the place before it.
    first = min(passage.start for passage in passages) - 1 if keeps else 0
    options: dict[str, Any] = {"logits_to_keep": width - first} if keeps else {}
    found = []
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False, **options).logits
        for row, passage in enumerate(passages):
            at = logits[row, passage.start - 1 - first : passage.end - 1 - first].float()
            aimed = ids[row, passage.start : passage.end, None]
            chosen = at.log_softmax(-1).gather(-1, aimed)
            found.append([float(value) for value in chosen.squeeze(-1).tolist()])
    return found


def _inner(model: Any) -> Any:
    """Return the model below an adapter: PEFT's own takes any argument."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
