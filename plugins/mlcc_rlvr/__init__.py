"""RLVR: learn by trial, scored by code that verifies the reply."""

from __future__ import annotations

from typing import ClassVar

from mlcc_core import (
    Column,
    DatasetSchema,
    EvaluatorArg,
    EvaluatorKind,
    Option,
    Recipe,
    TargetModel,
    Technique,
    choose_format,
)

PROMPTS = DatasetSchema(
    columns=(
        Column("prompt", ("messages",)),
        Column("reward_model", ("string", "object"), evaluator=True, note="Lambda ARN"),
    ),
    example={
        "prompt": [{"role": "user", "content": "Solve: 2 + 2"}],
        "reward_model": "arn:aws:lambda:us-east-1:123456789012:function:math-verifier",
    },
    keep_other_columns=True,
)

RECIPES = {
    "local": Recipe(
        trainer="trl:GRPOTrainer",
        hyperparameters={
            "epochs": "num_train_epochs",
            "learning_rate": "learning_rate",
            "batch_size": "train_batch_size",
            "lora_rank": "lora_rank",
            "lora_alpha": "lora_alpha",
            "max_prompt_length": "max_prompt_length",
            "max_response_length": "max_completion_length",
        },
        evaluator_argument="reward_funcs",
    ),
    "sagemaker": Recipe(
        trainer="RLVR",
        hyperparameters={
            "epochs": "max_epochs",
            "learning_rate": "learning_rate",
            "batch_size": "global_batch_size",
            "lora_rank": "lora_rank",
            "lora_alpha": "lora_alpha",
            "max_prompt_length": "max_prompt_length",
            "max_response_length": "max_response_length",
        },
        evaluator_argument="EvaluatorArn",
    ),
}


class Rlvr(Technique):
    """Reinforcement learning with verifiable rewards."""

    name = "rlvr"
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

    def mlcc_trainer(self, platform: str) -> Recipe | None:
        return RECIPES.get(platform)


plugin = Rlvr()
