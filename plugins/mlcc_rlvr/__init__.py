"""RLVR: learn by trial, scored by code that verifies the reply."""

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
    "Solve: 2 + 2", "arn:aws:lambda:us-east-1:123456789012:function:math-verifier", "Lambda ARN"
)
RECIPES = {
    "trl": GRPO,
    "sagemaker_serverless": Recipe("RLVR", evaluator_argument="EvaluatorArn"),
}


class Rlvr(Technique):
    """Reinforcement learning with verifiable rewards."""

    name = "rlvr"
    api_version = "2.0"
    title = "RLVR (Reinforcement Learning with Verifiable Rewards)"
    use_case = "Align using code-based verification"
    also = ("grpo", "ppo", "rl", "rft")
    options = LENGTHS
    refused_options = LENGTHS_FOR

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, PROMPTS)

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        option = Option(
            "--reward-function",
            str,
            "Reward function: a Lambda ARN, or path.py[:name] on this machine",
            "FUNCTION",
            also=("--reward", "--reward-func", "--reward-funcs", "--reward-fn", "--grader"),
        )
        return (EvaluatorArg(option, EvaluatorKind.FUNCTION),)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Rlvr()
