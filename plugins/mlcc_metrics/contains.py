"""Contains: replies with the expected one somewhere in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlcc_core import Metric, Sample
from mlcc_metrics.normalised import normalised

LETTER = "[0-9a-z]"


class Contains(Metric):
    """1 for a reply that holds the expected one, 0 for another; compared as by exact match.

    A word or a number within a longer one does not count: 4 is not in 14.
    """

    name = "contains"
    api_version = "2.0"
    title = "Contains the expected reply"
    suits = ("expected",)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            None
            if sample.expected is None
            else float(_is_within(normalised(sample.expected), normalised(sample.reply or "")))
            for sample in samples
        ]


def _is_within(part: str, text: str) -> bool:
    """Find ``part`` as a whole; letters of scripts that write no spaces may stand beside it."""
    before = f"(?<!{LETTER})" if re.match(LETTER, part) else ""
    after = f"(?!{LETTER})" if re.match(LETTER, part[-1:]) else ""
    return re.search(f"{before}{re.escape(part)}{after}", text) is not None
