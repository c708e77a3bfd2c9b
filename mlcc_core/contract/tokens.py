"""Rows in tokens: the counts of a platform, and the limits that cut rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class RowTokens(NamedTuple):
    """The tokens of one row, as training makes them of it.

    Attributes:
        prompt: of the prompt and of what opens a reply to it; 0 for a row without a prompt.
        whole: of the prompt with its reply, the longest one of several; 0 for a row without a
            reply.
        refusal: why this row cannot be counted; both numbers are 0 then.
        trained: of the row, if it is not cut: of the replies that are learned, each with what
            ends it; ``None`` for pairs of replies and for prompts alone.
        further: of the other replies of several, each again with its prompt: a pair is read twice.
    """

    prompt: int
    whole: int
    refusal: str | None = None
    trained: int | None = None
    further: int = 0

    @property
    def read(self) -> int:
        """Return the tokens that training reads: of each reply with its prompt, uncut."""
        return (self.whole or self.prompt) + self.further

    @property
    def trains_nothing(self) -> bool:
        """Return whether the row has replies, and none of them is learned."""
        return self.trained == 0 and self.refusal is None


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a row's text.

    Attributes:
        text: as the model reads it, special tokens included.
        trained: the model learns to write it.
    """

    text: str
    trained: bool


@dataclass(frozen=True, slots=True)
class RowText:
    """A row as the model reads it.

    Attributes:
        texts: by the column of the reply (``completion``, or ``chosen`` and ``rejected``), of the
            whole conversation, or of the prompt where replies are sampled.
        refusal: why the row cannot be rendered as it is; ``None`` if it can.
    """

    texts: Mapping[str, tuple[TextPart, ...]]
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """The limits on tokens of a row; ``None`` for no limit.

    Attributes:
        row: of a prompt with its reply; a longer one is cut at its end.
        prompt: of a prompt alone.
    """

    row: int | None = None
    prompt: int | None = None

    def cuts(self, tokens: RowTokens) -> bool:
        """Return whether the row loses its end."""
        return self.row is not None and tokens.whole > self.row

    def leaves_no_reply(self, tokens: RowTokens) -> bool:
        """Return whether a row is cut whose prompt alone fills the sequence: it trains nothing."""
        return self.row is not None and tokens.whole > self.row and tokens.prompt >= self.row

    def forbids(self, tokens: RowTokens) -> bool:
        """Return whether the prompt is longer than it may be."""
        return self.prompt is not None and tokens.prompt > self.prompt


class TokenCounter(ABC):
    """Counts the tokens of rows.

    Attributes:
        name: whose tokens they are, as the user calls the model.
        how: rows are written for the model, in words that follow its name; it holds once rows
            were counted.
        row_limit: where jobs cut a row that the user set no limit for; ``None``: nowhere, or
            that is not known yet.
    """

    name: str
    how: str = "chat template included"
    row_limit: int | None = None

    @abstractmethod
    def count(self, lines: bytes) -> Sequence[RowTokens]:
        """Count the tokens of each row, in order. The same lines always have the same tokens.

        Args:
            lines: rows as they are staged: JSON lines in UTF-8, each with its newline.

        Raises:
            MlccError: the tokenizer cannot be used after all.
        """

    def show(self, lines: bytes) -> Sequence[RowText]:
        """Return each row as the model reads it, with what it learns; none if that is not known.

        Args:
            lines: as for :meth:`count`.

        Raises:
            MlccError: the tokenizer cannot be used after all.
        """
        return ()
