"""DPO: learn to prefer the chosen reply to the rejected one."""

from __future__ import annotations

from mlcc_core import Column, DatasetSchema, Recipe, TargetModel, Technique, choose_format

PREFERENCES = DatasetSchema(
    columns=(
        Column("prompt", part="prompt"),
        Column("chosen", part="expected"),
        Column("rejected", part="rejected"),
    ),
    example={
        "prompt": "What causes rain?",
        "chosen": "Water vapor condenses into droplets heavy enough to fall.",
        "rejected": "The sky cries sometimes.",
    },
    differ=(("chosen", "rejected"),),
)

RECIPES = {"trl": Recipe("trl:DPOTrainer"), "sagemaker_serverless": Recipe("DPO")}


class Dpo(Technique):
    """Direct preference optimisation on chosen and rejected replies."""

    name = "dpo"
    api_version = "2.0"
    title = "DPO (Direct Preference Optimization)"
    use_case = "Align the model with human preferences"
    also = ("preference", "preferences")

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, PREFERENCES)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return RECIPES.get(engine)


plugin = Dpo()
