"""Rewards of replies by the reward function or the judge of a run: the code that trained it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlcc_core import MlccError
from mlcc_core.contract.rewards import reward
from mlcc_engine.request import Judging
from mlcc_engine.reward.rewards import Scorer, scorer


def rewards(
    score: Scorer, rows: Sequence[Mapping[str, Any]], replies: Sequence[str]
) -> Iterator[float | MlccError]:
    """Yield the reward of each reply, or the reason why it has none."""
    events = [
        reward.build_event(row, reply, str(place))
        for place, (row, reply) in enumerate(zip(rows, replies, strict=True))
    ]
    yield from score(events)


class Scorers:
    """Makes what scores replies when it is first asked for, and keeps it."""

    def __init__(self) -> None:
        self._made: tuple[Judging, Scorer] | None = None

    def find(self, judging: Judging) -> Scorer:
        """Return what scores as an evaluator says.

        Raises:
            MlccError: the function, the prompt file or the judge's model cannot be had.
        """
        if self._made is None or self._made[0] != judging:
            self._made = judging, scorer(judging)
        return self._made[1]
