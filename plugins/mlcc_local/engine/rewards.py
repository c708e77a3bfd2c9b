"""Rewards while a model learns: the reward contract's events made from what the trainer sampled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from mlcc_core import reward
from mlcc_local.engine.request import Judging
from mlcc_local.engine.rows import ROW

Events = Sequence[dict[str, Any]]
Scorer = Callable[[Events], list[float]]
"""Events of the reward contract in, one finite score each out."""


def scorer(judging: Judging) -> Scorer:
    """What scores replies: the user's function, or a judge.

    Raises:
        MlccError: the function, the prompt file or the judge's model cannot be had.
    """
    if judging.kind == "function":
        function = reward.load_function(judging.value)
        return lambda events: reward.score(function, events)
    from mlcc_local.engine.judge import load_judge

    return load_judge(judging.value, judging.settings).score


def reward_function(judging: Judging) -> Callable[..., list[float]]:
    """A reward function as TRL calls it: lists of prompts, completions and other columns.

    Raises:
        MlccError: as :func:`scorer`; when it is called, whatever the scorer raises.
    """
    score = scorer(judging)

    def rewards(*, completions: Sequence[Any], **columns: Any) -> list[float]:
        return score(
            [
                reward.build_event(json.loads(row), reply_text(completion), str(index))
                for index, (row, completion) in enumerate(
                    zip(columns[ROW], completions, strict=True)
                )
            ]
        )

    rewards.__name__ = judging.kind
    return rewards


def reply_text(completion: Any) -> str:
    """The text of a sampled reply: a string, or the content of its one message."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])
