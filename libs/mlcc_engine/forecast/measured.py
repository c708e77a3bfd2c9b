"""The lengths of a dataset's rows, as far as they were measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mlcc_core import RowTokens, TokenLimits


@dataclass(slots=True)
class Lengths:
    """The lengths of the rows, in tokens.

    Attributes:
        rows: how many the dataset has.
        measured: how many of them were measured, from the first.
        longest: of them.
        longest_line: where that one is.
        uncut: the longest of them, had nothing been cut.
        cut: line numbers of rows whose end is cut off.
        nothing: line numbers of rows whose prompt alone fills the sequence.
        replies: to a prompt, at most: all of them go through the model at once.
        long_prompts: line numbers of prompts that are longer than allowed.
        tokens, trained: of the measured rows in which the trained ones can be counted, cut ones
            included whole.
        unweighted: line numbers of conversations whose replies all have weight 0.
        sizes: how many of the measured rows have each length.
    """

    rows: int = 0
    measured: int = 0
    longest: int = 0
    longest_line: int = 0
    uncut: int = 0
    cut: list[int] = field(default_factory=list)
    nothing: list[int] = field(default_factory=list)
    long_prompts: list[int] = field(default_factory=list)
    replies: int = 1
    tokens: int = 0
    trained: int = 0
    unweighted: list[int] = field(default_factory=list)
    sizes: Counter[int] = field(default_factory=Counter)

    def add(self, number: int, tokens: RowTokens, limits: TokenLimits) -> None:
        """Take note of the row on line ``number``."""
        self.measured += 1
        self.uncut = max(self.uncut, tokens.prompt, tokens.whole)
        if tokens.trained is not None:
            self.tokens += tokens.whole
            self.trained += tokens.trained
        length = max(tokens.prompt, min(tokens.whole, limits.row or tokens.whole))
        self.sizes[length] += 1
        if length > self.longest:
            self.longest, self.longest_line = length, number
        if limits.forbids(tokens):
            self.long_prompts.append(number)
        if limits.cuts(tokens):
            (self.nothing if limits.leaves_no_reply(tokens) else self.cut).append(number)
