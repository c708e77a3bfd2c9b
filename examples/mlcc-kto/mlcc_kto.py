"""KTO: learn from replies that are marked good or bad, one by one."""

from mlcc_core import Column, DatasetSchema, Option, Recipe, TargetModel, Technique, choose_format

MARKED_REPLIES = DatasetSchema(
    columns=(
        Column("prompt", part="prompt"),
        Column("completion"),
        Column("label", ("boolean",), also=("thumbs_up",), note="true for a good reply"),
    ),
    example={"prompt": "What causes rain?", "completion": "The sky cries.", "label": False},
)

RECIPES = {"trl": Recipe("trl:KTOTrainer")}


class Kto(Technique):
    """Kahneman-Tversky optimisation (Ethayarajh et al., 2024)."""

    api_version = "2.0"
    name = "kto"
    title = "KTO (Kahneman-Tversky Optimization)"
    use_case = "Align the model with replies marked good or bad"
    options = (
        Option("--beta", float, "How near to the base model to stay", minimum=0.001, maximum=10),
    )

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        """One schema for every model."""
        return choose_format(model, MARKED_REPLIES)

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        """TRL's trainer."""
        return RECIPES.get(engine)


plugin = Kto()
