"""Techniques: how a model is customised, and the values that describe it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from mlcc_core.contract.job import Job, Output
from mlcc_core.contract.options import EvaluatorArg, Option
from mlcc_core.contract.plugin_object import PluginObject
from mlcc_core.contract.technique.recipe import Recipe, Refusal
from mlcc_core.contract.technique.schema import DatasetSchema, FlattenRules, TargetModel


class Technique(PluginObject):
    """A way to customise a model. Subclass it, set the names, answer the two abstract hooks.

    The methods that start with ``mlcc_`` are hooks (``mlcc_core.contract.hookspecs`` documents
    each): the framework calls them bound to this technique, and other plugins may wrap them.

    Attributes:
        name: ``[a-z][a-z0-9_]*``, unique; the value of ``--technique`` and, in capitals, the end
            of this technique's variables in ``do/config``.
        title: for people: "KTO (Kahneman-Tversky Optimization)".
        use_case: one line: what it is for.
        also: what other programs call it, ``("grpo", "rl")``, in small letters. Someone who types
            one is told this technique's name. Several techniques may share one.
        options: hyperparameter flags of its own.
        refused_options: general hyperparameters (by key) that mean nothing here, each with what
            to use in its place.
        row_rules_version: of the hook ``mlcc_check_row``, where the technique has it; raise it
            with each change of the hook's answers.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    use_case: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[Option, ...]] = ()
    refused_options: ClassVar[Mapping[str, str]] = {}
    row_rules_version: ClassVar[str] = "1"

    @abstractmethod
    def mlcc_dataset_schema(self, model: TargetModel) -> DatasetSchema | Sequence[DatasetSchema]:
        """Return the dataset schema for ``model``, or several forms, the preferred one first.

        See :func:`choose_format` for schemas that exclude each other.
        """

    @abstractmethod
    def mlcc_trainer(self, engine: str) -> Recipe | Refusal | None:
        """Return the recipe for the engine of that name.

        Returns:
            A :class:`Refusal` where the engine cannot train it here and now; ``None`` for an
            engine that the technique does not know.
        """

    def mlcc_flatten_rules(self, schema: DatasetSchema) -> FlattenRules:
        """Return the required columns of type ``string`` alone that name no evaluator.

        Columns of context stay as they are.
        """
        return FlattenRules(
            tuple(
                column.name
                for column in schema.required
                if column.types == ("string",) and not (column.evaluator or column.context)
            )
        )

    def mlcc_evaluator_args(self) -> tuple[EvaluatorArg, ...]:
        """No evaluator."""
        return ()

    def mlcc_output(self, job: Job) -> Output:
        """Return an adapter for ``lora``, a model for ``full-rank``, at the job's artifacts."""
        kind: Literal["adapter", "model"] = "adapter" if job.training_type == "lora" else "model"
        return Output(kind=kind, path=job.artifacts or "")
