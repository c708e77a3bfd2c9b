"""A technique that any fake platform trains."""

from __future__ import annotations

from typing import ClassVar

from mlcc_core.contract.options import EvaluatorArg
from mlcc_core.contract.technique.recipe import Recipe
from mlcc_core.contract.technique.schema import Column, DatasetSchema, TargetModel, choose_format
from mlcc_core.contract.technique.technique import Technique

DEFAULT = DatasetSchema(
    columns=(Column("prompt", part="prompt"), Column("completion", part="expected")),
    example={"prompt": "What is the capital of France?", "completion": "Paris."},
)
CONVERSE = DatasetSchema(
    columns=(Column("messages", ("messages",)),),
    example={
        "messages": [
            {"role": "user", "content": [{"text": "What is the capital of France?"}]},
            {"role": "assistant", "content": [{"text": "Paris."}]},
        ]
    },
    format="converse",
)


class FakeTechnique(Technique):
    """A technique with two dataset formats. Subclass it to change a class attribute.

    Attributes:
        schemas: the dataset formats it knows; the first one is the default.
        recipes: by engine; the fake platform's trains with ``fake:Trainer``.
        evaluators: the evaluators it takes.
    """

    name: ClassVar[str] = "fake"
    title: ClassVar[str] = "Fake (nothing is learned)"
    use_case: ClassVar[str] = "Test what surrounds a technique"
    schemas: ClassVar[tuple[DatasetSchema, ...]] = (DEFAULT, CONVERSE)
    evaluators: ClassVar[tuple[EvaluatorArg, ...]] = ()
    recipes: ClassVar[dict[str, Recipe]] = {"fake": Recipe("fake:Trainer")}

    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        return choose_format(model, *self.schemas)

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        return self.evaluators

    def mlcc_trainer(self, engine: str) -> Recipe | None:
        return self.recipes.get(engine)
