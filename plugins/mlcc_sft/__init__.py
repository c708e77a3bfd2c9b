"""SFT: learn to answer prompts with given completions, or to speak as an assistant does."""

from __future__ import annotations

from mlcc_core import Column, DatasetSchema, Option, Recipe, TargetModel, Technique

QUESTION, ANSWER = "What is the capital of France?", "The capital of France is Paris."
USER, ASSISTANT = {"role": "user"}, {"role": "assistant"}

PROMPT_COMPLETION = DatasetSchema(
    columns=(
        Column("prompt", part="prompt"),
        Column("completion", learned=True, part="expected"),
    ),
    example={"prompt": QUESTION, "completion": ANSWER},
)
MESSAGES = DatasetSchema(
    format="messages",
    columns=(Column("messages", ("conversation",)), Column("tools", ("tools",), required=False)),
    example={"messages": [USER | {"content": QUESTION}, ASSISTANT | {"content": ANSWER}]},
)
CONVERSE = DatasetSchema(
    format="converse",
    columns=(
        Column("schemaVersion", required=False),
        Column("system", ("array",), required=False),
        Column("messages", ("messages",)),
    ),
    example={
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "You are a helpful assistant."}],
        "messages": [
            USER | {"content": [{"text": QUESTION}]},
            ASSISTANT | {"content": [{"text": ANSWER}]},
        ],
    },
)
RECIPES = {
    "trl": Recipe("trl:SFTTrainer"),
    "sagemaker_serverless": Recipe("SFT", hyperparameters={"train_on": None}),
}
TRAIN_ON = Option(
    "--train-on", str, "Replies to be trained", "all|last", choices=("all", "last"), reads_rows=True
)


class Sft(Technique):
    """Supervised fine-tuning on prompt and completion pairs, or on whole conversations."""

    name = "sft"
    api_version = "2.0"
    title = "SFT (Supervised Fine-Tuning)"
    use_case = "Teach the model a specific style or task"
    also = ("finetune", "finetuning", "instruct", "supervised")
    options = (TRAIN_ON,)

    def mlcc_dataset_schema(self, model: TargetModel) -> tuple[DatasetSchema, ...]:
        return PROMPT_COMPLETION, MESSAGES, CONVERSE

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Sft()
