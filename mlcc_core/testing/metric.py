"""A metric that compares texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from mlcc_core.contract.metric import Metric, Need, RowPart, Sample


class FakeMetric(Metric):
    """1 for a reply that is the expected one, 0 for another, and no value where none is expected.

    Subclass it to change a class attribute.
    """

    name: ClassVar[str] = "same"
    title: ClassVar[str] = "Same text"
    needs: ClassVar[tuple[Need, ...]] = ("reply",)
    suits: ClassVar[tuple[RowPart, ...]] = ("expected",)
    rank: ClassVar[int] = 1

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            None if sample.expected is None else float(sample.reply == sample.expected)
            for sample in samples
        ]
