"""Length: how long replies are."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Metric, Sample


class Length(Metric):
    """Tokens of the reply. A longer one is neither better nor worse."""

    name = "length"
    api_version = "2.0"
    title = "Length of the reply"
    higher_is_better = None
    unit = "tokens"
    rank = 1

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            None if sample.reply_tokens is None else float(sample.reply_tokens)
            for sample in samples
        ]
