"""Rules by which rows are held out of training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldOut:
    """A number or a fraction of the rows, chosen by the content of their prompts.

    Attributes:
        asked: as the user has it, after ``--validation``, for messages.
        fraction: of the rows; ``None`` where a number of rows is asked for.
        rows: at least so many, if there are.
        at_least: a dataset of fewer rows is left whole, which is then no error.
        at_most: rows that a fraction may come to.
    """

    asked: str
    fraction: float | None = None
    rows: int | None = None
    at_least: int = 0
    at_most: int | None = None

    @property
    def identity(self) -> list[object]:
        """Everything that decides which rows are held out, as JSON."""
        return [self.fraction, self.rows, self.at_least, self.at_most]

    def wanted(self, rows: int) -> int:
        """Return how many rows of so many are to be held out."""
        if rows < self.at_least:
            return 0
        if self.fraction is None:
            return self.rows or 0
        share = int(rows * self.fraction + 0.5)
        return share if self.at_most is None else min(share, self.at_most)
