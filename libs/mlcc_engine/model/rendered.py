"""Checks of rows that the chat template of a model renders: all their text, within limits."""

from __future__ import annotations

from typing import Any

from mlcc_core import MlccError
from mlcc_tokens.rendering import render
from mlcc_tokens.templates.chat import Chat

BATCH_ROWS = 256
"""Rows that are rendered at once."""


def check_texts(dataset: Any, chat: Chat) -> None:
    """Refuse rows that the chat template does not render with all their text.

    Raises:
        MlccError: it names the first.
    """
    number = 0
    for batch in dataset.iter(BATCH_ROWS):
        columns = [name for name, values in batch.items() if is_talk(values[0])]
        for row in render(
            chat.tokenizer,
            [
                {name: batch[name][place] for name in columns}
                for place in range(len(batch[columns[0]]))
            ],
        ):
            number += 1
            if row.fault is not None:
                raise MlccError(
                    f"Row {number} cannot be trained with this model's chat template: {row.fault}."
                )


def is_talk(value: object) -> bool:
    """Return whether a column's value is a conversation."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def check_prompts(dataset: Any, tokenizer: Any, limit: int | None) -> None:
    """Refuse prompts that are longer than was allowed: cutting one would change its meaning.

    Raises:
        MlccError: it counts them and names the first.
    """
    if limit is None:
        return
    lengths = [
        len(tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=False))
        for prompt in dataset["prompt"]
    ]
    long = [row for row, length in enumerate(lengths, start=1) if length > limit]
    if long:
        raise MlccError(
            f"{len(long)} of {len(lengths)} prompts are longer than {limit} tokens, "
            f"the first in row {long[0]} ({lengths[long[0] - 1]} tokens).",
            where="--max-prompt-length",
            hint=f"--max-prompt-length {max(lengths)}",
        )
