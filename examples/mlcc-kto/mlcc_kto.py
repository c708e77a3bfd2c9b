"""KTO: learn from replies that are marked good or bad, one by one."""

from mlcc_core import Column, DatasetSchema, Option, Recipe, TargetModel, Technique, choose_format

MARKED_REPLIES = DatasetSchema(
    columns=(
        Column("prompt"),
        Column("completion"),
        Column("label", ("boolean",), note="true for a good reply"),
    ),
    example={"prompt": "What causes rain?", "completion": "The sky cries.", "label": False},
)

RECIPES = {
    "local": Recipe(
        trainer="trl:KTOTrainer",
        hyperparameters={
            "epochs": "num_train_epochs",
            "learning_rate": "learning_rate",
            "max_seq_length": "max_length",
            "batch_size": "train_batch_size",
            "lora_rank": "lora_rank",
            "lora_alpha": "lora_alpha",
            "beta": "beta",
        },
    ),
}


class Kto(Technique):
    """Kahneman-Tversky optimisation (Ethayarajh et al., 2024)."""

    name = "kto"
    title = "KTO (Kahneman-Tversky Optimization)"
    use_case = "Align the model with replies marked good or bad"
    options = (
        Option("--beta", float, "How near to the base model to stay", minimum=0.001, maximum=10),
    )

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        """One schema for every model."""
        return choose_format(model, MARKED_REPLIES)

    def mlcc_trainer(self, platform: str) -> Recipe | None:
        """TRL's trainer, on this machine."""
        return RECIPES.get(platform)


plugin = Kto()
