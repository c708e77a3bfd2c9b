"""Rewards while a model learns: the reward contract's events made from what the trainer sampled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from mlcc_core import reward
from mlcc_local.engine.request import Judging
from mlcc_local.engine.rows import ROW
from mlcc_tokens.chat import Chat
from mlcc_tokens.reply import take_apart

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


def reward_function(judging: Judging, chat: Chat) -> Callable[..., list[float]]:
    """A reward function as TRL calls it: lists of prompts, completions and other columns.

    Raises:
        MlccError: as :func:`scorer`; when it is called, whatever the scorer raises.
    """
    score = scorer(judging)

    def rewards(
        *, prompts: Sequence[Any], completion_ids: Sequence[list[int]], **columns: Any
    ) -> list[float]:
        replies = reply_texts(chat, prompts, completion_ids)
        return score(
            [
                reward.build_event(json.loads(row), reply, str(index))
                for index, (row, reply) in enumerate(zip(columns[ROW], replies, strict=True))
            ]
        )

    rewards.__name__ = judging.kind
    return rewards


def reply_texts(
    chat: Chat, prompts: Sequence[Any], completion_ids: Sequence[list[int]]
) -> list[str]:
    """The contents of sampled replies, without thoughts and the model's own markers.

    Args:
        prompts: conversations, one for each reply.
        completion_ids: tokens of the replies.
    """
    asked = chat.tokenizer.apply_chat_template(
        list(prompts), add_generation_prompt=True, return_dict=False
    )
    return [
        take_apart(chat, ids, prompt).content
        for ids, prompt in zip(completion_ids, asked, strict=True)
    ]
