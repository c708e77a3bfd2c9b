"""Rewards while a model learns: the reward contract's events made from what the trainer sampled."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mlcc_core import MlccError
from mlcc_core.contract.rewards import reward
from mlcc_engine.request import Judging
from mlcc_engine.reward.scores import MAX_FAILED, MOST_FAILED, Scores
from mlcc_engine.train.rows import ROW
from mlcc_tokens.reply import take_apart
from mlcc_tokens.templates.chat import Chat

Events = Sequence[dict[str, Any]]
Scorer = Callable[[Events], Iterable[float | MlccError]]
"""Events of the reward contract in; for each a finite score out, or the reason why it has none."""


class Rewards:
    """A reward function as TRL calls it: with lists of prompts, completions and other columns.

    Args:
        name: as TRL reports it.
        chat: of the model whose replies are scored.
        score: scores events.
        scores: counts what it gives.

    Attributes:
        scores: how many replies were scored, and how many of them in vain.
        heard: takes the scores one by one, where it is a list.
    """

    def __init__(self, name: str, chat: Chat, score: Scorer, scores: Scores) -> None:
        self.__name__ = name
        self._chat = chat
        self.scores = scores
        self.heard: list[float | None] | None = None
        self._score = score

    def __call__(
        self, *, prompts: Sequence[Any], completion_ids: Sequence[Sequence[int]], **columns: Any
    ) -> list[float | None]:
        """Return one score for each completion, ``None`` for those that the group goes without.

        Raises:
            JobError, PlatformError: too many failed (see :class:`Scores`).
            MlccError: whatever the scorer raises at once, as trying again is in vain.
        """
        replies = reply_texts(self._chat, prompts, completion_ids)
        events = [
            reward.build_event(json.loads(row), reply, str(index))
            for index, (row, reply) in enumerate(zip(columns[ROW], replies, strict=True))
        ]
        kept = self.scores.keep(self._score(events))
        if self.heard is not None:
            self.heard += kept
        return kept


def scorer(judging: Judging) -> Scorer:
    """Return what scores replies: the user's function, or a judge.

    Raises:
        MlccError: the function, the prompt file or the judge's model cannot be had.
    """
    if judging.kind == "function":
        function = reward.load_function(judging.value)
        return lambda events: reward.score_each(function, events)
    from mlcc_engine.reward.judge import load_judge

    return load_judge(judging.value, judging.settings).score_each


def reward_function(judging: Judging, chat: Chat, warn: Callable[[str], None]) -> Rewards:
    """Return the reward function of a job, which counts what it scores.

    Args:
        judging: what scores.
        chat: of the model that learns.
        warn: told when scores fail.

    Raises:
        MlccError: as :func:`scorer`.
    """
    limit = judging.settings.get(MAX_FAILED, MOST_FAILED)
    _quiet_trl()
    return Rewards(judging.kind, chat, scorer(judging), Scores(int(str(limit)), warn))


def reply_texts(
    chat: Chat, prompts: Sequence[Any], completion_ids: Sequence[Sequence[int]]
) -> list[str]:
    """Return the contents of sampled replies, without thoughts and the model's own markers.

    Args:
        chat: of the model.
        prompts: conversations, or texts that the model goes on from, one for each reply.
        completion_ids: tokens of the replies.
    """
    if prompts and isinstance(prompts[0], str):
        asked = chat.tokenizer(list(prompts))["input_ids"]
    else:
        asked = chat.tokenizer.apply_chat_template(
            list(prompts), add_generation_prompt=True, return_dict=False
        )
    return [
        take_apart(chat, ids, prompt).content
        for ids, prompt in zip(completion_ids, asked, strict=True)
    ]


def _quiet_trl() -> None:
    """Keep TRL from printing every row without a score whole; :class:`Scores` tells of them."""
    for trainer in ("grpo", "rloo"):
        log = logging.getLogger(f"trl.trainer.{trainer}_trainer")
        if _not_about_scores not in log.filters:
            log.addFilter(_not_about_scores)


def _not_about_scores(record: logging.LogRecord) -> bool:
    return "reward functions returned None" not in record.getMessage()
