"""The promises of a technique's recipes, as tests that ask the engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from mlcc_core.contract.technique.recipe import Engine, Recipe
from mlcc_core.contract.technique.schema import DatasetSchema
from mlcc_core.contract.technique.technique import Technique
from mlcc_core.contract.technique.tester import EngineTester, load_tester
from mlcc_core.loader.bound_hooks import BoundTechnique
from mlcc_core.loader.manager import build_manager


class RecipeContract:
    """Part of :class:`~mlcc_core.testing.contracts.technique.TechniqueContract`.

    An engine is asked by its tester (:class:`~mlcc_core.contract.technique.tester.EngineTester`).
    Tests are skipped for engines that have none, or cannot be asked on this machine.

    Attributes:
        engines: the engines that the technique has recipes for: names of those that an installed
            platform runs, or :class:`Engine` objects.
        training_rows: rows of the first format for the step of training, where a trainer needs
            rows that differ; by default copies of the example.
    """

    engines: ClassVar[tuple[str | Engine, ...]] = ()
    training_rows: ClassVar[Sequence[Mapping[str, object]]] = ()

    @pytest.fixture
    def testers(self) -> Sequence[tuple[Engine, EngineTester]]:
        """Return each engine that can be asked here, with its tester."""
        asked, reasons = [], []
        for engine in map(_engine, self.engines):
            tester = load_tester(engine) if isinstance(engine, Engine) else None
            if isinstance(engine, str):
                reasons.append(f"no installed platform runs the engine {engine}")
            elif tester is None:
                reasons.append(f"the engine {engine.name} has no tester")
            elif (absent := tester.absent()) is not None:
                reasons.append(f"the engine {engine.name} cannot be asked: {absent}")
            else:
                asked.append((engine, tester))
        if not asked:
            pytest.skip("; ".join(reasons) or "no engine is named")
        return asked

    def test_trainers_take_what_recipes_give(
        self,
        technique: Technique,
        bound: BoundTechnique,
        testers: Sequence[tuple[Engine, EngineTester]],
    ) -> None:
        """Each trainer exists, and takes the settings and hyperparameters that it is given."""
        for engine, tester in testers:
            recipe = _recipe(bound, engine)
            options = [option.key for option in technique.options]
            names = {
                key: name
                for key, name in recipe.names(engine, options).items()
                if key not in technique.refused_options
            }
            faults = list(tester.faults(recipe, set(names.values())))
            assert not faults, f"engine {engine.name}: {'; '.join(faults)}"

    def test_it_trains_one_step(
        self,
        bound: BoundTechnique,
        schemas: list[DatasetSchema],
        testers: Sequence[tuple[Engine, EngineTester]],
        tmp_path: Path,
    ) -> None:
        """Rows of the first format are trained on, and the output is kept."""
        rows = self.training_rows or [schemas[0].example]
        for engine, tester in testers:
            folder = tmp_path / engine.name
            folder.mkdir()
            tester.train_one_step(_recipe(bound, engine), rows, folder)


def name_of(engine: str | Engine) -> str:
    """Return the name of an engine that is given by its name, or as an object."""
    return engine if isinstance(engine, str) else engine.name


def _engine(engine: str | Engine) -> Engine | str:
    if isinstance(engine, Engine):
        return engine
    platforms = build_manager().platforms.values()
    known = {found.name: found for platform in platforms for found in platform.engines}
    return known.get(engine, engine)


def _recipe(bound: BoundTechnique, engine: Engine) -> Recipe:
    recipe = bound.trainer(engine.name)
    assert isinstance(recipe, Recipe), f"no recipe for the engine {engine.name}"
    return recipe
