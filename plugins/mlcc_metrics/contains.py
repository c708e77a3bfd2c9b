"""Contains: replies with the expected one somewhere in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlcc_core import Metric, Sample
from mlcc_metrics.normalised import normalised

LETTER = "[0-9a-z]"

NUMBER = r"[-−.,]?\d"
"""The beginning of a number."""


class Contains(Metric):
    """1 for a reply that holds the expected one, 0 for another; compared as by exact match.

    A word or a number within a longer one does not count: 4 is neither in 14 nor in 3.4, nor 5 in
    -5. An expected reply that is empty is in all of them, and says nothing.
    """

    name = "contains"
    api_version = "2.0"
    title = "Contains the expected reply"
    suits = ("expected",)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [_value(sample) for sample in samples]


def _value(sample: Sample) -> float | None:
    expected = normalised(sample.expected or "")
    return float(_is_within(expected, normalised(sample.reply or ""))) if expected else None


def _is_within(part: str, text: str) -> bool:
    """Find ``part`` as a whole; letters of scripts that write no spaces may stand beside it."""
    before = f"(?<!{LETTER})" if re.match(LETTER, part) else ""
    after = f"(?!{LETTER})" if re.match(LETTER, part[-1:]) else ""
    if re.match(NUMBER, part):
        before = f"(?<!{LETTER})(?<![-−.,])"
    if re.match(r"\d", part[-1:]):
        after = rf"(?!{LETTER})(?![.,]?\d)"
    return re.search(f"{before}{re.escape(part)}{after}", text) is not None
