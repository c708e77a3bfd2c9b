"""DPO: learn to prefer the chosen reply to the rejected one."""

from __future__ import annotations

from mlcc_core import Column, DatasetSchema, Recipe, TargetModel, Technique, choose_format

PREFERENCES = DatasetSchema(
    columns=(Column("prompt"), Column("chosen"), Column("rejected")),
    example={
        "prompt": "What causes rain?",
        "chosen": "Water vapor condenses into droplets heavy enough to fall.",
        "rejected": "The sky cries sometimes.",
    },
)

RECIPES = {
    "local": Recipe(
        trainer="trl:DPOTrainer",
        hyperparameters={
            "epochs": "num_train_epochs",
            "learning_rate": "learning_rate",
            "max_seq_length": "max_length",
            "batch_size": "train_batch_size",
            "lora_rank": "lora_rank",
            "lora_alpha": "lora_alpha",
        },
    ),
    "sagemaker": Recipe(
        trainer="DPO",
        hyperparameters={
            "epochs": "max_epochs",
            "learning_rate": "learning_rate",
            "max_seq_length": "dataset_max_len",
            "batch_size": "global_batch_size",
            "lora_rank": "lora_rank",
            "lora_alpha": "lora_alpha",
        },
    ),
}


class Dpo(Technique):
    """Direct preference optimisation on chosen and rejected replies."""

    name = "dpo"
    title = "DPO (Direct Preference Optimization)"
    use_case = "Align the model with human preferences"

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, PREFERENCES)

    def mlcc_trainer(self, platform: str) -> Recipe | None:
        return RECIPES.get(platform)


plugin = Dpo()
