"""RLAIF: learn by trial, scored by a language model that judges the reply."""

from __future__ import annotations

from mlcc_core import (
    DatasetSchema,
    EvaluatorArg,
    EvaluatorKind,
    Option,
    Recipe,
    TargetModel,
    Technique,
    choose_format,
)
from mlcc_rl import GRPO, LENGTHS, LENGTHS_FOR, prompts

PROMPTS = prompts(
    "Explain gravity to a 5-year-old",
    "s3://my-bucket/reward-prompts/clarity-judge.txt",
    "S3 URI to reward prompt",
)
RECIPES = {
    "trl": GRPO,
    "sagemaker_serverless": Recipe("RLAIF", evaluator_argument="EvaluatorArn"),
}


class Rlaif(Technique):
    """Reinforcement learning from AI feedback."""

    name = "rlaif"
    api_version = "2.0"
    title = "RLAIF (Reinforcement Learning from AI Feedback)"
    use_case = "Align using an AI judge"
    also = ("ppo", "rl", "rlhf")
    options = LENGTHS
    refused_options = LENGTHS_FOR

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, PROMPTS)

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        option = Option(
            "--reward-prompt",
            str,
            "Reward prompt of the judge: an S3 URI, or a file on this machine",
            "PROMPT",
            also=("--judge-prompt", "--rubric", "--reward-template"),
        )
        return (EvaluatorArg(option, EvaluatorKind.PROMPT),)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Rlaif()
