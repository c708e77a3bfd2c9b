"""Values as places in a drawing, and the round values that an axis names."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values over a range of places.

    Attributes:
        low, high: values.
        start, end: their places.
    """

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return the place of a value; of a range of one value, the middle."""
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self) -> list[float]:
        """Return the round values in the range, about four."""
        step = self._step()
        if not step:
            return [self.low]
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(n * step, 12) for n in range(first, last + 1)]

    def rounded(self) -> Scale:
        """Return this scale with round values at both of its ends."""
        step = self._step()
        if not step:
            return self
        low = math.floor(self.low / step + 1e-9) * step
        return replace(self, low=low, high=math.ceil(self.high / step - 1e-9) * step)

    def _step(self) -> float:
        """Return the distance of round values; 0 for a range of one value."""
        span = self.high - self.low
        if not span or not math.isfinite(span):
            return 0.0
        rough = span / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999)
