"""Rewards while a model learns: the reward contract's events made from what the trainer sampled."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mlcc_core import reward
from mlcc_core.errors import MlccError
from mlcc_local.engine.request import Judging
from mlcc_local.engine.rows import ROW
from mlcc_local.engine.scores import MAX_FAILED, MOST_FAILED, Scores

Events = Sequence[dict[str, Any]]
Scorer = Callable[[Events], Iterable[float | MlccError]]
"""Events of the reward contract in; for each a finite score out, or the reason why it has none."""


class Rewards:
    """A reward function as TRL calls it: with lists of prompts, completions and other columns.

    Args:
        name: as TRL reports it.
        score: scores events.
        scores: counts what it gives.

    Attributes:
        scores: how many replies were scored, and how many of them in vain.
    """

    def __init__(self, name: str, score: Scorer, scores: Scores) -> None:
        self.__name__ = name
        self.scores = scores
        self._score = score

    def __call__(self, *, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """Return one score for each completion, ``None`` for those that the group goes without.

        Raises:
            JobError, PlatformError: too many failed (see :class:`Scores`).
            MlccError: whatever the scorer raises at once, as trying again is in vain.
        """
        events = [
            reward.build_event(json.loads(row), reply_text(completion), str(index))
            for index, (row, completion) in enumerate(zip(columns[ROW], completions, strict=True))
        ]
        return self.scores.keep(self._score(events))


def scorer(judging: Judging) -> Scorer:
    """Return what scores replies: the user's function, or a judge.

    Raises:
        MlccError: the function, the prompt file or the judge's model cannot be had.
    """
    if judging.kind == "function":
        function = reward.load_function(judging.value)
        return lambda events: reward.score_each(function, events)
    from mlcc_local.engine.judge import load_judge

    return load_judge(judging.value, judging.settings).score_each


def reward_function(judging: Judging) -> Rewards:
    """Return the reward function of a job, which counts what it scores.

    Raises:
        MlccError: as :func:`scorer`.
    """
    limit = judging.settings.get(MAX_FAILED, MOST_FAILED)
    _quiet_trl()
    return Rewards(judging.kind, scorer(judging), Scores(int(str(limit))))


def reply_text(completion: Any) -> str:
    """The text of a sampled reply: a string, or the content of its one message."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])


def _quiet_trl() -> None:
    """Keep TRL from printing every row without a score whole; :class:`Scores` tells of them."""
    for trainer in ("grpo", "rloo"):
        log = logging.getLogger(f"trl.trainer.{trainer}_trainer")
        if _not_about_scores not in log.filters:
            log.addFilter(_not_about_scores)


def _not_about_scores(record: logging.LogRecord) -> bool:
    return "reward functions returned None" not in record.getMessage()
