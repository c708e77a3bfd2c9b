"""RLVR: learn by trial, scored by code that verifies the reply."""

from __future__ import annotations

from typing import ClassVar

from mlcc_core import (
    Column,
    DatasetSchema,
    EvaluatorArg,
    EvaluatorKind,
    MessageRules,
    Option,
    Recipe,
    TargetModel,
    Technique,
    choose_format,
)

PROMPTS = DatasetSchema(
    columns=(
        Column("prompt", ("messages",), messages=MessageRules(not_last=("assistant",))),
        Column("reward_model", ("string", "object"), evaluator=True, note="Lambda ARN"),
    ),
    example={
        "prompt": [{"role": "user", "content": "Solve: 2 + 2"}],
        "reward_model": "arn:aws:lambda:us-east-1:123456789012:function:math-verifier",
    },
    keep_other_columns=True,
)

RECIPES = {
    "trl": Recipe(
        "trl:GRPOTrainer",
        hyperparameters={"max_response_length": "max_completion_length"},
        evaluator_argument="reward_funcs",
    ),
    "sagemaker_serverless": Recipe("RLVR", evaluator_argument="EvaluatorArn"),
}


class Rlvr(Technique):
    """Reinforcement learning with verifiable rewards."""

    name = "rlvr"
    api_version = "2.0"
    title = "RLVR (Reinforcement Learning with Verifiable Rewards)"
    use_case = "Align using code-based verification"
    options = (
        Option(
            "--max-prompt-length",
            int,
            "Longest prompt in tokens",
            "TOKENS",
            minimum=1,
            limits="prompt",
        ),
        Option("--max-response-length", int, "Longest reply in tokens", "TOKENS", minimum=1),
    )
    refused_options: ClassVar = {"max_seq_length": "--max-prompt-length and --max-response-length"}

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, PROMPTS)

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        option = Option(
            "--reward-function",
            str,
            "Reward function: a Lambda ARN, or path.py[:name] on this machine",
            "FUNCTION",
        )
        return (EvaluatorArg(option, EvaluatorKind.FUNCTION),)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Rlvr()
