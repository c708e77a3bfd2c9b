"""RLAIF: learn by trial, scored by a language model that judges the reply."""

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
        Column(
            "reward_model", ("string", "object"), evaluator=True, note="S3 URI to reward prompt"
        ),
    ),
    example={
        "prompt": [{"role": "user", "content": "Explain gravity to a 5-year-old"}],
        "reward_model": "s3://my-bucket/reward-prompts/clarity-judge.txt",
    },
    keep_other_columns=True,
)

RECIPES = {
    "trl": Recipe(
        "trl:GRPOTrainer",
        hyperparameters={"max_response_length": "max_completion_length"},
        evaluator_argument="reward_funcs",
    ),
    "sagemaker_serverless": Recipe("RLAIF", evaluator_argument="EvaluatorArn"),
}


class Rlaif(Technique):
    """Reinforcement learning from AI feedback."""

    name = "rlaif"
    api_version = "2.0"
    title = "RLAIF (Reinforcement Learning from AI Feedback)"
    use_case = "Align using an AI judge"
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
            "--reward-prompt",
            str,
            "Reward prompt of the judge: an S3 URI, or a file on this machine",
            "PROMPT",
        )
        return (EvaluatorArg(option, EvaluatorKind.PROMPT),)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Rlaif()
