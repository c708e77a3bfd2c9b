"""Testers: how an engine is asked about a recipe before any job."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from mlcc_core.contract.technique.recipe import Engine, Recipe
from mlcc_core.errors import PluginError


class EngineTester(ABC):
    """Answers for an engine what only the engine knows of a recipe.

    The library of an engine ships one, and names it in ``Engine.tester``; the contract suite of
    techniques asks it. It may import what is heavy: no command waits for it.
    """

    @abstractmethod
    def absent(self) -> str | None:
        """Return why the engine cannot be asked on this machine; ``None`` when it can."""

    @abstractmethod
    def faults(self, recipe: Recipe, names: Collection[str]) -> Sequence[str]:
        """List everything in a recipe that the engine would refuse, a sentence each.

        Args:
            recipe: of a technique: its trainer, its settings, its evaluator's argument.
            names: the engine's names of the hyperparameters that users can give.
        """

    @abstractmethod
    def train_one_step(
        self, recipe: Recipe, rows: Sequence[Mapping[str, object]], folder: Path
    ) -> None:
        """Train one step on rows with the smallest model there is, and keep the output.

        Args:
            recipe: of a technique.
            rows: of its dataset.
            folder: empty; takes the output.

        Raises:
            MlccError: the training failed; the reason, and the end of its log.
        """


def load_tester(engine: Engine) -> EngineTester | None:
    """Import the tester that an engine names; ``None`` for an engine that names none.

    Raises:
        PluginError: there is none at that place.
    """
    if engine.tester is None:
        return None
    module, _, name = engine.tester.partition(":")
    try:
        tester = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(f"The tester of engine {engine.name!r} cannot be had: {error}") from None
    if not isinstance(tester, EngineTester):
        raise PluginError(f"{engine.tester} is {tester!r}, expected an EngineTester object")
    return tester
