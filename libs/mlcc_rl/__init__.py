"""Parts that techniques of reinforcement learning share: their prompts, lengths and TRL trainer."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core import ROLES, Column, DatasetSchema, MessageRules, Option, Recipe

__all__ = ["GRPO", "LENGTHS", "LENGTHS_FOR", "prompts"]

LENGTHS = (
    Option(
        "--max-prompt-length",
        int,
        "Longest prompt in tokens",
        "TOKENS",
        minimum=1,
        limits="prompt",
        also=("--prompt-length", "--max-prompt-len"),
    ),
    Option(
        "--max-response-length",
        int,
        "Longest reply in tokens",
        "TOKENS",
        minimum=1,
        also=("--max-completion-length", "--response-length", "--max-new-tokens"),
    ),
)
"""Options of a technique that has the model write replies."""

LENGTHS_FOR: Mapping[str, str] = {"max_seq_length": " and ".join(o.flag for o in LENGTHS)}
"""The option that a technique with :data:`LENGTHS` refuses, and what to use instead."""

GRPO = Recipe(
    "trl:GRPOTrainer",
    hyperparameters={"max_response_length": "max_completion_length"},
    evaluator_argument="reward_funcs",
)
"""Recipe for the engine ``trl``."""


def prompts(prompt: str, reward_model: str, note: str) -> DatasetSchema:
    """Return the schema of prompts that the model answers; their other columns reach the scorer.

    Args:
        prompt: the user's message in the example row.
        reward_model: the scorer that the example row names.
        note: on the column of the scorer, a few words.
    """
    return DatasetSchema(
        columns=(
            Column(
                "prompt",
                ("messages",),
                messages=MessageRules(ROLES, not_last=("assistant",)),
                part="prompt",
            ),
            Column("reward_model", ("string", "object"), evaluator=True, note=note),
        ),
        example={"prompt": [{"role": "user", "content": prompt}], "reward_model": reward_model},
        keep_other_columns=True,
    )
