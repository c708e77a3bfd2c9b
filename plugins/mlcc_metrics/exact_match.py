"""Exact match: replies that are the expected one."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Metric, Sample
from mlcc_metrics.normalised import normalised


class ExactMatch(Metric):
    """1 for the expected reply, 0 for another.

    Case, spaces, forms of the same letter and punctuation at the ends do not count.
    """

    name = "exact_match"
    api_version = "2.0"
    title = "Exact match"
    suits = ("expected",)
    rank = 10

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            None
            if sample.expected is None
            else float(normalised(sample.reply or "") == normalised(sample.expected))
            for sample in samples
        ]


class ExactMatchStrict(Metric):
    """1 for the expected reply, character by character, 0 for another."""

    name = "exact_match_strict"
    api_version = "2.0"
    title = "Exact match (strict)"
    suits = ("expected",)

    def score(self, samples: Sequence[Sample]) -> Sequence[float | None]:
        return [
            None if sample.expected is None else float(sample.reply == sample.expected)
            for sample in samples
        ]
