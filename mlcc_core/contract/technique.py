"""Techniques: how a model is customised, and the values that describe it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from mlcc_core.contract.job import Job, Output
from mlcc_core.contract.options import EvaluatorArg, Option
from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.errors import MlccError

ColumnType = Literal["string", "number", "boolean", "array", "object", "messages"]
"""Types of a column's values; ``messages`` is an array of objects with a role and a content."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a technique's dataset.

    Attributes:
        name: the key in each JSON line.
        types: the accepted types; the first one leads in messages.
        required: a missing key or a null is an error.
        evaluator: names the evaluator of a row; not required when an evaluator flag is given.
        note: what the value means, shown in messages ("Lambda ARN").
    """

    name: str
    types: tuple[ColumnType, ...] = ("string",)
    required: bool = True
    evaluator: bool = False
    note: str = ""

    def type_text(self) -> str:
        """Return the type in the words of the documentation: ``array of message objects``."""
        words = " or ".join(
            "array of message objects" if t == "messages" else t for t in self.types
        )
        return f"{words} — {self.note}" if self.note else words


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The form of a technique's dataset, for one model.

    Attributes:
        columns: in the order in which they are written.
        example: one valid row, shown in validation errors and documentation.
        format: the name that the catalog uses for this variant (``default``, ``converse``).
        keep_other_columns: other columns are written too, in source order (reward functions
            may need them); otherwise they are dropped and reported.
    """

    columns: tuple[Column, ...]
    example: Mapping[str, object]
    format: str = "default"
    keep_other_columns: bool = False

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)


@dataclass(frozen=True, slots=True)
class FlattenRules:
    """The columns in which a chat-format value may be flattened to a string.

    Attributes:
        columns: names of columns whose type is ``string``.
    """

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetModel:
    """The model to customise, as a technique sees it.

    Attributes:
        name: as the user gave it: a catalog id, a Hub id, a path.
        dataset_format: the dataset variant that the catalog names for this model and technique.
    """

    name: str
    dataset_format: str = "default"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The way in which a platform trains a technique: data that the platform interprets.

    Attributes:
        trainer: the platform's name of it, for example ``package.module:NameTrainer``.
        hyperparameters: our name (``epochs``, an option's key) to the platform's own; a
            hyperparameter that is not listed here is refused for this technique and platform.
        settings: what the platform's trainer is always given, under the platform's own names.
        evaluator_argument: the platform's name of the place that takes the evaluator.
    """

    trainer: str
    hyperparameters: Mapping[str, str]
    settings: Mapping[str, object] = field(default_factory=dict)
    evaluator_argument: str | None = None


class Technique(PluginObject):
    """A way to customise a model. Subclass it, set the names, answer the two abstract hooks.

    The methods that start with ``mlcc_`` are hooks (``mlcc_core.contract.hookspecs`` documents
    each): the framework calls them bound to this technique, and other plugins may wrap them.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--technique`` and, in capitals, the end
            of this technique's variables in ``do/config``.
        title: for people: "KTO (Kahneman-Tversky Optimization)".
        use_case: one line: what it is for.
        options: hyperparameter flags of its own.
        refused_options: general hyperparameters (by key) that mean nothing here, each with what
            to use in its place.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    use_case: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()
    refused_options: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema:
        """Return the dataset schema for ``model``; see :func:`choose_format` for several."""

    @abstractmethod
    def mlcc_trainer(self, platform: str) -> Recipe | None:
        """Return the recipe for the platform of that name, or ``None`` if there is none."""

    def mlcc_flatten_rules(self, schema: DatasetSchema) -> FlattenRules:
        """Return the required columns of type ``string`` alone that name no evaluator."""
        return FlattenRules(
            tuple(c.name for c in schema.required if c.types == ("string",) and not c.evaluator)
        )

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        """No evaluator."""
        return ()

    def mlcc_output(self, job: Job) -> Output:
        """Return an adapter for ``lora``, a model for ``full-rank``, at the job's artifacts."""
        kind: Literal["adapter", "model"] = "adapter" if job.training_type == "lora" else "model"
        return Output(kind=kind, path=job.artifacts or "")


def choose_format(model: TargetModel, *schemas: DatasetSchema) -> DatasetSchema:
    """Return the schema of the format that the catalog names for ``model``.

    Raises:
        MlccError: the catalog names a format that is not among ``schemas``.
    """
    for schema in schemas:
        if schema.format == model.dataset_format:
            return schema
    raise MlccError(
        f"The catalog names the dataset format {model.dataset_format!r} for model "
        f"{model.name!r}, expected one of {', '.join(s.format for s in schemas)}.",
        hint="mlcc catalog validate",
    )
