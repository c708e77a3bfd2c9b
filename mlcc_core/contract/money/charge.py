"""Charges: what a platform takes money for, counted and priced before it is spent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenAmount:
    """The tokens of the rows of a dataset, each row once: its prompt with each reply.

    A pair of replies has its prompt twice, as training reads it.

    Attributes:
        tokens: of all rows; an estimate where not all were counted.
        rows: of the dataset; an estimate where the platform reads it where it is, unread by mlcc.
        counted: rows whose tokens were counted.
        low, high: the 95 % interval of ``tokens``; both equal it where every row was counted.
        tokenizer: whose tokens they are, as the user calls the model.
    """

    tokens: int
    rows: int
    counted: int
    low: int
    high: int
    tokenizer: str

    @property
    def exact(self) -> bool:
        """Return whether every row was counted."""
        return self.counted == self.rows


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing that a platform takes money for.

    Attributes:
        what: for people: ``tokens trained on``, ``endpoint ml.g6.12xlarge``, ``judge NAME``.
        unit: that it is charged by: ``million tokens``, ``hour``.
        quantity: units of it; ``None`` where that is not known before, as the hours of a job.
        low, high: the interval of the quantity, where it is an estimate.
        price: of one unit, in US dollars; ``None`` where no price is known.
        source: where the price is from, for people: ``AWS price list``, ``yours``.
        by_the_hour: it goes on by the hour until something is taken down.
        note: what else people should know: why a quantity or price is not known, and the command
            or variable that tells it.
        maybe_published: with no price, there may be a published one all the same: the price list
            could not be asked, or its answer does not tell which price counts.

    Example:
        >>> Charge("tokens trained on", "million tokens", 1.5, price=2.0, source="yours").cost
        3.0
    """

    what: str
    unit: str
    quantity: float | None = None
    low: float | None = None
    high: float | None = None
    price: float | None = None
    source: str = ""
    by_the_hour: bool = False
    note: str = ""
    maybe_published: bool = False

    @property
    def cost(self) -> float | None:
        """Return US dollars; ``None`` where quantity or price is not known."""
        if self.quantity is None or self.price is None:
            return None
        return self.quantity * self.price

    @property
    def most(self) -> float | None:
        """Return US dollars at the upper end of the quantity; ``None`` where that is not known.

        The hours of a job, for instance, are not known before, and have an end nevertheless.
        """
        most = self.quantity if self.high is None else self.high
        return None if most is None or self.price is None else most * self.price
