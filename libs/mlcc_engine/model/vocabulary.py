"""Tokenizers that do not belong to their model, or make no tokens at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mlcc_core import JobError, MlccError
from mlcc_engine.model.model_folder import tokenizer_hint
from mlcc_engine.train import rows
from mlcc_engine.turns.reading import Reading
from mlcc_tokens.conversation import PROMPT, Conversation
from mlcc_tokens.rendering import prompt_with_each_reply
from mlcc_tokens.turns.choice import Conversing
from mlcc_tokens.turns.dialogue import Dialogue
from mlcc_tokens.turns.placing import render_dialogue

TEXT = "Hello, 1 + 1 = 2."

BATCH_ROWS = 64
"""Rows that are looked at together."""


def check_makes_tokens(tokenizer: Any, source: str) -> None:
    """Refuse a tokenizer with an empty vocabulary, which transformers makes up without its files.

    Raises:
        JobError: it makes no tokens of text, so that nothing could be learned.
    """
    special = set(tokenizer.get_added_vocab()) | set(tokenizer.all_special_tokens)
    if tokenizer(TEXT, add_special_tokens=False)["input_ids"] and (
        tokenizer.get_vocab().keys() - special
    ):
        return
    raise JobError(
        f"The tokenizer of {source} makes no tokens of text, its vocabulary is empty; expected "
        "the tokenizer that belongs to the model.",
        where="--model",
        hint=belonging(source),
    )


def fit_special_tokens(tokenizer: Any, size: int, source: str) -> list[str]:
    """Check the tokens that end and pad a row against a model's embeddings.

    Args:
        tokenizer: gets its end of sequence for padding, where the model lacks its padding.
        size: rows of the embedding matrix.
        source: of the model.

    Returns:
        Notes for the user.

    Raises:
        MlccError: the model lacks the token that ends a sequence.
    """
    if tokenizer.eos_token_id >= size:
        raise beyond(tokenizer, tokenizer.eos_token_id, size, source, "The end of every row is")
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id < size:
        return []
    lacking = tokenizer.pad_token
    tokenizer.pad_token = tokenizer.eos_token
    note = (
        f"{source} lacks its tokenizer's padding token {lacking!r}: padded with "
        f"{tokenizer.eos_token!r}."
    )
    return [note]


def check_rows(
    dataset: Path,
    tokenizer: Any,
    size: int,
    source: str,
    *,
    reading: Reading,
    conversing: Conversing | None = None,
    as_text: bool = False,
) -> None:
    """Refuse rows with tokens that the model has no embedding for; every row is looked at.

    Args:
        dataset: a JSONL file; it is not read where the tokenizer has no such token.
        tokenizer: with a chat template.
        size: rows of the embedding matrix.
        source: of the model.
        reading: of the rows.
        conversing: renders whole conversations.
        as_text: the trainer renders the rows itself, so that their JSON text is looked at.

    Raises:
        MlccError: it names the first such row, and the token.
    """
    if max(tokenizer.get_vocab().values(), default=0) < size:
        return
    unread = rows.read(dataset)
    while batch := list(islice(unread, BATCH_ROWS)):
        for row in batch:
            if as_text:
                found: Iterable[int] = tokenizer(row.text, add_special_tokens=False)["input_ids"]
            else:
                found = _tokens(tokenizer, reading.talk(row.values, row.where), conversing)
            for token in found:
                if token >= size:
                    raise beyond(tokenizer, token, size, source, "The row holds", row.where)


def check_encoded(tokenizer: Any, ids: Any, size: int) -> None:
    """Refuse a prompt with a token that the model has no embedding for.

    Args:
        tokenizer: of the model.
        ids: a tensor of token ids.
        size: rows of the embedding matrix.

    Raises:
        MlccError: it names the token.
    """
    if (largest := int(ids.max())) >= size:
        raise beyond(tokenizer, largest, size, "the model", "The prompt holds")


def beyond(
    tokenizer: Any, token: int, size: int, source: str, subject: str, where: str = "--model"
) -> MlccError:
    """Return the error for a token that a model has no embedding for."""
    text = tokenizer.convert_ids_to_tokens(token)
    return MlccError(
        f"{subject} the token {text!r} (id {token}), but {source} has embeddings for {size} "
        f"tokens (0 to {size - 1}): the tokenizer is another model's, or was added to.",
        where=where,
        hint=belonging(source),
    )


def belonging(source: str) -> str:
    """Return how to get the tokenizer that belongs to a model."""
    if not Path(source).is_dir():
        return "choose a model whose tokenizer is its own: mlcc catalog list"
    return tokenizer_hint(Path(source))


def _tokens(
    tokenizer: Any, conversation: Conversation | Dialogue, conversing: Conversing | None
) -> Iterator[int]:
    """The tokens of a row; none where the template refuses it, which is told elsewhere."""
    if isinstance(conversation, Dialogue):
        assert conversing is not None  # noqa: S101 - it is chosen by the first row
        row = render_dialogue(conversing.renderer, conversing.turns, conversation)
        texts = list(row.prompt_with_each_reply)
        for ids in tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []:
            yield from ids
        return
    try:
        texts = [
            tokenizer.apply_chat_template(messages, tokenize=False)
            for messages in prompt_with_each_reply(conversation)
        ]
        if conversation.get(PROMPT):
            opened = tokenizer.apply_chat_template(
                conversation[PROMPT], tokenize=False, add_generation_prompt=True
            )
            texts.append(opened)
    except Exception:  # templates raise what they like
        return
    for ids in tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []:
        yield from ids
