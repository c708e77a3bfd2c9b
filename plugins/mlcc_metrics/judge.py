"""Judge: a model that compares the replies of two others."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core import Comparison, PairMetric, Sample
from mlcc_metrics.judge_prompt import prompt

MIRRORED = {"A": "B", "B": "A", "tie": "tie"}
VALUES = {"A": 1.0, "B": 0.0, "tie": 0.5}


class Judge(PairMetric):
    """1 where a judge prefers the reply, 0 where it prefers the other one, 0.5 for a tie.

    It is asked twice, the second time in the other order: judges favour a place. If it does not
    say the same again, it is a tie. Equal replies are a tie without being asked about.
    """

    name = "judge"
    api_version = "2.0"
    title = "Preferred by the judge"
    rank = 15

    def questions(self, first: Sample, second: Sample) -> Sequence[str]:
        ours, theirs = first.reply or "", second.reply or ""
        if ours.strip() == theirs.strip():
            return ()
        return (
            prompt(first.prompt, ours, theirs, first.expected),
            prompt(first.prompt, theirs, ours, first.expected),
        )

    def compare(self, answers: Sequence[str]) -> Comparison | None:
        from mlcc_metrics.judge_verdict import read  # its patterns take a while to build

        if not answers:
            return Comparison(VALUES["tie"])
        said, again = (read(answer) for answer in answers)
        if said is None or again is None:
            return None
        if said != MIRRORED[again]:
            return Comparison(VALUES["tie"], consistent=False)
        return Comparison(VALUES[said])
