"""Whole conversations as tokens, with those that are trained.

A model that is asked makes its reply of tokens of its own: none of them begins before the reply.
So the text is cut where trained replies begin and end, and the pieces are encoded; joined, they
are the tokens of the whole text for all but few rows. Those are encoded from the beginning up to
each cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_tokens.rendered import Rendered, parts

UNTRAINED = -100
"""The label of a token that is not trained, as torch has it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The tokens of a conversation.

    Attributes:
        ids: of all tokens.
        runs: tokens one after another that are trained, as places from and up to.
    """

    ids: list[int]
    runs: tuple[tuple[int, int], ...]

    @property
    def trained(self) -> int:
        """Return how many tokens are trained."""
        return sum(end - start for start, end in self.runs)

    @property
    def labels(self) -> list[int]:
        """Return the ids of the tokens that are trained, and ``UNTRAINED`` for the others."""
        labels = [UNTRAINED] * len(self.ids)
        for start, end in self.runs:
            labels[start:end] = self.ids[start:end]
        return labels


def encode(tokenizer: Any, rows: Sequence[Rendered]) -> list[Encoded]:
    """Encode whole conversations.

    Args:
        tokenizer: of transformers.
        rows: rendered; of a row with a fault there are no tokens.
    """
    cut = [list(parts(text, row.trained)) for row in rows for text in row.prompt_with_each_reply]
    pieces = iter(ids_of_all(tokenizer, [piece for row in cut for piece, _ in row]))
    wholes = iter(
        ids_of_all(tokenizer, [text for row in rows for text in row.prompt_with_each_reply])
    )
    left = iter(cut)
    encoded = []
    for row in rows:
        if not row.prompt_with_each_reply:
            encoded.append(Encoded([], ()))
            continue
        named, whole = next(left), next(wholes)
        ids_by_piece = [next(pieces) for _ in named]
        if [token for ids in ids_by_piece for token in ids] != whole:
            ids_by_piece = _from_the_beginning(tokenizer, [piece for piece, _ in named])
        encoded.append(_joined(ids_by_piece, [trained for _, trained in named]))
    return encoded


def _joined(ids_by_piece: Sequence[list[int]], trained: Sequence[bool]) -> Encoded:
    ids: list[int] = []
    runs = []
    for piece, learned in zip(ids_by_piece, trained, strict=True):
        if learned:
            runs.append((len(ids), len(ids) + len(piece)))
        ids += piece
    return Encoded(ids, tuple(runs))


def _from_the_beginning(tokenizer: Any, pieces: Sequence[str]) -> list[list[int]]:
    """Encode pieces as part of what is before them; a token across a cut is made anew after it."""
    text = ""
    done: list[int] = []
    found = []
    for piece in pieces:
        text += piece
        (upto,) = ids_of_all(tokenizer, [text])
        if upto[: len(done)] == done:
            ids = upto[len(done) :]
        else:
            (ids,) = ids_of_all(tokenizer, [piece])
        found.append(ids)
        done = done + ids
    return found


def ids_of_all(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Encode rendered texts, which hold their special tokens as text.

    Args:
        tokenizer: of transformers.
        texts: any number of them.
    """
    if not texts:
        return []
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return ids
    # A tokenizer may come with limits of its own; training lifts them likewise.
    fast.no_truncation()
    fast.no_padding()
    return [found.ids for found in fast.encode_batch_fast(texts, add_special_tokens=False)]
