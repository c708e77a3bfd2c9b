"""Recipes: how an engine trains a technique, as data that the engine interprets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

RowForm = Literal["conversation", "as-is"]
"""The form in which rows reach a trainer; see :class:`Recipe`."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A named way to train, which one or several platforms run.

    Attributes:
        name: ``[a-z][a-z0-9_]*``; techniques give their recipe for it.
        hyperparameters: the engine's name of each general hyperparameter, by its key in mlcc.
        tester: ``package.module:OBJECT``, an :class:`EngineTester` that says of a recipe, before
            any job, what the engine would refuse; imported when a recipe is tested, and never
            else. ``None`` for an engine that cannot tell.
        settings: trainers' settings that users know as flags of other programs, each with the
            flags, as in :attr:`Option.also`: someone who types one is told ``--set NAME=VALUE``.
            The flag that is spelled like the setting need not be listed.
        decides: flags of other programs for what the engine decides by itself, each with a
            sentence that says so: someone who types one is shown the command without it. A flag
            that ends in ``=`` has a value there.

    Example:
        >>> Engine("trl", {"epochs": "num_train_epochs", "batch_size": "train_batch_size"})
    """

    name: str
    hyperparameters: Mapping[str, str]
    tester: str | None = None
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The way in which an engine trains a technique.

    Attributes:
        trainer: the engine's name of it, for example ``package.module:NameTrainer``.
        hyperparameters: exceptions from the engine's own map: the engine's name of an option by
            its key, or ``None`` for one that cannot be set here. An option of the technique that
            is not listed has its key for a name.
        settings: arguments of the trainer, under the engine's names, where neither a flag nor
            ``--set`` gives another value.
        evaluator_argument: the engine's name of the argument that takes the evaluator.
        rows: ``conversation``: the engine renders each row with the model's chat template, and
            refuses what it would not render. ``as-is``: the trainer is given exactly the columns
            of the schema, with tools, nested values and all turns untouched.

    Example:
        >>> Recipe("trl:DPOTrainer", hyperparameters={"max_seq_length": "max_length"})
    """

    trainer: str
    hyperparameters: Mapping[str, str | None] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    evaluator_argument: str | None = None
    rows: RowForm = "conversation"

    def names(self, engine: Engine, options: Iterable[str]) -> Mapping[str, str]:
        """Return the engine's name of every hyperparameter that can be set, by its key in mlcc.

        Args:
            engine: whose trainer this is.
            options: keys of the technique's own options.
        """
        named = {**engine.hyperparameters, **{key: key for key in options}, **self.hyperparameters}
        return {key: name for key, name in named.items() if name is not None}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer of a technique that an engine cannot train it, with the reason.

    Attributes:
        reason: a sentence for the user: "KTO needs TRL 0.20, found 0.19."
        hint: the command that mends it.
    """

    reason: str
    hint: str | None = None
