"""The engine and recipe of a job: the platform's preference, exceptions, refusals."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core.actions.tune.plan.plan import Plan, build_plan
from mlcc_core.contract.options import Option
from mlcc_core.contract.technique.recipe import Engine, Recipe, Refusal
from mlcc_core.errors import MlccError
from mlcc_core.testing.platform import ENGINE, FakePlatform
from mlcc_core.testing.technique import FakeTechnique
from tests.mlcc_core.world import World

OLD = Refusal("it needs trainer 2.0, found 1.0.", "pip install 'trainer>=2'")


class Picky(FakeTechnique):
    """Answers each engine as the test says."""

    name: ClassVar[str] = "picky"
    options: ClassVar[tuple[Option, ...]] = (
        Option("--beta", float, "How near to stay"),
        Option("--gamma", float, "How far to look"),
    )
    answers: ClassVar[dict[str, Recipe | Refusal]] = {}

    def mlcc_trainer(self, engine: str) -> Recipe | Refusal | None:
        return self.answers.get(engine)


class TwoEngines(FakePlatform):
    """Prefers ``quick``, and runs ``fake`` too."""

    engines: ClassVar[tuple[Engine, ...]] = (Engine("quick", {"epochs": "rounds"}), ENGINE)


class Small(World):
    """One technique on a platform with two engines."""

    answers: ClassVar[dict[str, Recipe | Refusal]] = {}

    @property
    def nouns(self) -> list[object]:
        technique = type("Asked", (Picky,), {"answers": self.answers})()
        return [technique, TwoEngines(), *super().nouns[4:]]


def plan(world: World, answers: dict[str, Recipe | Refusal], **values: object) -> Plan:
    small = type("Small", (Small,), {"answers": answers})(world.root)
    request = small.request(technique="picky", values=values)
    return build_plan(small.session(), request)


def test_the_platforms_first_engine_with_a_recipe_trains(world: World):
    both = {"quick": Recipe("quick:A"), "fake": Recipe("fake:B")}
    assert (plan(world, both).spec.engine, plan(world, both).spec.trainer) == ("quick", "quick:A")
    assert plan(world, {"fake": Recipe("fake:B")}).spec.engine == "fake"


def test_a_refused_engine_leaves_the_next_one(world: World):
    assert plan(world, {"quick": OLD, "fake": Recipe("fake:B")}).spec.engine == "fake"


def test_names_are_the_engines_but_for_exceptions(world: World):
    recipe = Recipe("quick:A", hyperparameters={"beta": "stay_near"})
    spec = plan(world, {"quick": recipe}, epochs=2, beta=0.5, gamma=1.0).spec
    assert spec.hyperparameters == {"rounds": 2, "stay_near": 0.5, "gamma": 1.0}
    assert spec.hyperparameter_flags["stay_near"] == "--beta"


def test_a_hyperparameter_that_the_recipe_excludes_is_refused(world: World):
    with pytest.raises(MlccError, match="--beta cannot be set for technique 'picky'"):
        plan(world, {"quick": Recipe("quick:A", hyperparameters={"beta": None})}, beta=0.5)


def test_a_refusal_gives_its_reason_and_its_mend(world: World):
    with pytest.raises(MlccError) as caught:
        plan(world, {"quick": OLD})
    assert caught.value.what == (
        "Technique 'picky' refuses platform 'fake': it needs trainer 2.0, found 1.0."
    )
    assert caught.value.hint == "pip install 'trainer>=2'"
