"""Ended: replies that come to an end."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Metric, Sample


class Ended(Metric):
    """1 for a reply that the model ended by itself, 0 for one that was cut off."""

    name = "ended"
    api_version = "2.0"
    title = "Ends by itself"
    rank = 2

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [None if sample.ended is None else float(sample.ended) for sample in samples]
