"""A dry run tries the evaluator as ``tune`` does, where that costs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mlcc_core.actions.tune.dry_run import DryRun, dry_run
from mlcc_core.actions.tune.trial import Tried
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World


class Trying(FakePlatform):
    """Remembers which evaluator was tried, on which rows; trials are free unless told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[tuple[str, list[Mapping[str, object]]]] = []
        self.why: str | None = None

    def try_evaluator(
        self, context: Context, spec: Any, request: Any, rows: Sequence[Mapping[str, object]]
    ) -> Sequence[str]:
        with self.call("try_evaluator"):
            assert request.body["evaluator"]["value"] == spec.evaluator.value
            self.tried.append((spec.evaluator.value, list(rows)))
            return ["It scored them."]

    def why_untried(self, context: Context, spec: Any) -> str | None:
        return self.why


@pytest.fixture
def trying(world: World) -> Trying:
    world.platform = Trying()
    return world.platform


ROWS = [{"prompt": f"{i}"} for i in range(30)]
NAMED = [{**row, "reward_model": "a.py"} for row in ROWS]
SCORER = {"scorer": "mine.py"}


def planned(world: World, rows: list[Any] = ROWS, **given: Any) -> DryRun:
    request = world.request(
        technique="scored", dataset=world.write("scored.jsonl", rows), dry_run=True, **given
    )
    return dry_run(world.session(), request, world.heard)


@pytest.mark.parametrize("validation", ["none", "5"])
@pytest.mark.parametrize(
    ("rows", "values", "name"), [(ROWS, SCORER, "mine.py"), (NAMED, {}, "a.py")]
)
def test_it_is_tried_on_rows_that_are_staged_or_not(
    world: World, trying: Trying, rows: list[Any], values: Any, name: str, validation: str
):
    found = planned(world, rows, values=values, validation=validation)
    assert found.trial == Tried(("It scored them.",))
    ((tried, on),) = trying.tried
    assert tried == name
    assert len(on) == 3
    assert all(row["prompt"] in {r["prompt"] for r in rows} for row in on)
    assert (trying.staged, world.jobs()) == ({}, [])
    world.tune(technique="scored", dataset="scored.jsonl", values=values, validation=validation)
    assert trying.tried[1] == trying.tried[0]  # as before a job


def test_a_trial_that_fails_ends_the_dry_run(world: World, trying: Trying):
    trying.fail("try_evaluator", MlccError("it returned a string"))
    with pytest.raises(MlccError, match="it returned a string"):
        planned(world, values=SCORER)


@pytest.mark.parametrize("validation", ["none", "5"])
def test_a_trial_that_costs_money_is_left_to_tune_and_that_is_said(
    world: World, trying: Trying, validation: str
):
    trying.why = "calls are billed"
    found = planned(world, values=SCORER, validation=validation)
    assert trying.tried == []
    assert found.trial == Tried(
        why_not="The reward function is not tried in a dry run: calls are billed."
    )


def test_a_platform_that_does_not_say_is_taken_to_cost_money(world: World, trying: Trying):
    trying.why = FakePlatform().runner.why_untried(world.session().context, None)
    why_not = planned(world, values=SCORER).trial.why_not
    assert why_not == "The reward function is not tried in a dry run: a trial may cost money."


def test_no_trial_is_wanted(world: World, trying: Trying):
    found = planned(world, values=SCORER, skip_reward_check=True)
    assert trying.tried == []
    assert found.trial == Tried(why_not="The reward function is not tried: --skip-reward-check.")


def test_without_an_evaluator_there_is_nothing_to_say(world: World, trying: Trying):
    request = world.request(dry_run=True)
    assert dry_run(world.session(), request, world.heard).trial == Tried()
    assert trying.tried == []
