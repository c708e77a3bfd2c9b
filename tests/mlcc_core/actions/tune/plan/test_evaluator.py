"""Which evaluator a job uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class Trying(FakePlatform):
    """Remembers the rows on which an evaluator was tried."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[list[Mapping[str, object]]] = []

    def try_evaluator(
        self, context: Context, spec: Any, request: Any, rows: Sequence[Mapping[str, object]]
    ) -> Sequence[str]:
        with self.call("try_evaluator"):
            self.tried.append(list(rows))
            return [f"tried {spec.evaluator.value}"]


@pytest.fixture(autouse=True)
def trying(world: World) -> None:
    world.platform = Trying()


def scored(world: World, *models: object) -> dict[str, Any]:
    """Arguments of tune for rows that name these evaluators; ``None`` leaves the column out."""
    rows = [
        {"prompt": f"{i}", **({} if model is None else {"reward_model": model})}
        for i, model in enumerate(models)
    ]
    return {"technique": "scored", "dataset": world.write("scored.jsonl", rows)}


def sent(world: World, job: str) -> object:
    return world.platform.jobs[job].body["evaluator"]["value"]


def test_the_flag_names_it_for_every_row(world: World):
    result = world.tune(**scored(world, "a.py", "b.py"), values={"scorer": "mine.py"})
    assert sent(world, result.job) == "mine.py"
    assert "tried mine.py" in world.heard.lines
    assert len(world.platform.tried[0]) == 2


def test_the_flag_makes_the_column_needless(world: World):
    result = world.tune(**scored(world, None, None), values={"scorer": "mine.py"})
    assert sent(world, result.job) == "mine.py"


def test_the_one_string_of_all_rows_names_it(world: World):
    result = world.tune(**scored(world, *["a.py"] * 40))
    assert sent(world, result.job) == "a.py"
    assert len(world.platform.tried[0]) == 3


def test_several_are_listed_with_their_counts(world: World):
    asked = scored(world, "a.py", "b.py", "a.py")
    error = world.refused(**asked)
    assert "name 2 different evaluators in 'reward_model'" in error.what
    assert error.detail == ("a.py: 2 rows", "b.py: 1 row")
    command = world.request(**asked).command_line()
    assert error.hint == f"{command} --scorer a.py   # for every row"
    assert "stage" not in world.platform.calls


def test_several_are_found_however_late_they_come(world: World):
    error = world.refused(**scored(world, *["a.py"] * 50, "late.py"))
    assert "name 2 different evaluators" in error.what
    assert error.detail == ("a.py: 50 rows", "late.py: 1 row")
    assert "submit" not in world.platform.calls


def test_the_object_form_needs_the_flag(world: World):
    form = {"style": "rule", "ground_truth": "4"}
    error = world.refused(**scored(world, form, form))
    assert "2 rows give 'reward_model' as an object" in error.what
    assert "--scorer FILE" in error.hint
    result = world.tune(**scored(world, form, form), values={"scorer": "mine.py"})
    assert sent(world, result.job) == "mine.py"
    assert world.platform.tried[0][0]["reward_model"] == form


def test_none_at_all(world: World):
    error = world.refused(**scored(world, None, None))
    assert "reward_model" in error.what
    assert "--scorer" in f"{error.hint}"


def test_a_trial_that_fails_comes_before_the_job(world: World):
    world.platform.fail("try_evaluator", MlccError("it returned a string"))
    error = world.refused(**scored(world, "a.py"))
    assert error.what == "it returned a string"
    assert world.jobs() == []
    result = world.tune(**scored(world, "a.py"), skip_reward_check=True)
    assert result.created
    assert world.platform.tried == []


def test_a_platform_that_cannot_run_it(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Trying, "evaluators", ())
    error = world.refused(**scored(world, "a.py"))
    assert error.what == (
        "Platform 'fake' cannot run a reward function, which technique 'scored' needs."
    )


def test_a_different_evaluator_is_a_different_job(world: World):
    asked = scored(world, "a.py")
    world.tune(**asked, values={"scorer": "one.py"})
    error = world.refused(**asked, values={"scorer": "two.py"})
    assert list(error.detail) == ["--scorer: was one.py, is now two.py"]
