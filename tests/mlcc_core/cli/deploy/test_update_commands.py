"""Other weights under a name that is deployed, the same ones twice, and whose output it is."""

from __future__ import annotations

import shlex
import time

import pytest

from mlcc_core.actions.runs.newest import moment
from mlcc_core.errors import PlatformError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

ADD, UPDATE = ("adapter", "add"), ("adapter", "update")


@pytest.fixture
def weights(world: World) -> tuple[str, str]:
    """The places of two adapters; of models they end in M."""
    for name in ("one", "two"):
        world.platform.artifacts |= {f"fake://{name}": "adapter", f"fake://{name}M": "model"}
    return "fake://one", "fake://two"


def source(world: World, name: str = "a") -> str:
    return world.platform.adapters[name].source


def test_the_same_weights_twice_change_nothing(world: World, mlcc: Mlcc, weights: tuple[str, str]):
    one, _ = weights
    assert mlcc(*ADD, "a", "--weights", one, "--json").document["changed"] is True
    again = mlcc(*ADD, "a", "--weights", one)
    assert again.code == 0
    assert again.out.splitlines()[0] == f"✅ Adapter a is deployed already: {one}"
    document = mlcc(*ADD, "a", "--weights", one, "--json").document
    assert (document["changed"], document["run"], document["source"]) == (False, None, one)
    assert mlcc("add-ic", "m", "--model-data", f"{one}M").code == 0
    again = mlcc("add-ic", "m", "--model-data", f"{one}M")
    assert again.out.splitlines()[0] == f"✅ m is deployed already: {one}M"
    assert world.platform.calls.count("add_adapter") == 1
    assert world.platform.calls.count("add_component") == 1


@pytest.mark.parametrize("flag", ["--weights", "--model-data"])
def test_other_weights_are_an_update(world: World, mlcc: Mlcc, weights: tuple[str, str], flag: str):
    one, two = (place if flag == "--weights" else f"{place}M" for place in weights)
    command = ADD if flag == "--weights" else ("add-ic",)
    assert mlcc(*command, "a", flag, one).code == 0
    taken = mlcc(*command, "a", flag, two)
    assert taken.code == 1
    assert (
        f"The name 'a' is taken by the {'adapter' if command == ADD else 'inference'}"
        in (taken.crosses[0])
    )
    assert taken.crosses[0].endswith(f"made of {one}.")
    hint = shlex.split(taken.err.splitlines()[-1])
    updated = mlcc(*hint[1:])
    assert updated.code == 0
    assert f"now has the weights of {two}" in updated.out
    assert source(world) == two
    assert "nothing changed" in mlcc(*hint[1:]).out
    assert world.platform.calls.count("update") == 1


def test_an_update_that_fails_leaves_what_is_deployed(
    world: World, mlcc: Mlcc, weights: tuple[str, str]
):
    one, two = weights
    mlcc(*ADD, "a", "--weights", one)
    assert mlcc(*UPDATE, "a", "--weights", "fake://nothing").code == 1
    world.platform.fail("update", PlatformError("No room."))
    assert mlcc(*UPDATE, "a", "--weights", two).code == 3
    assert source(world) == one


def test_what_cannot_be_updated(world: World, mlcc: Mlcc, weights: tuple[str, str]):
    one, two = weights
    said = mlcc(*UPDATE, "a", "--weights", one)
    assert said.code == 1
    assert "Unknown adapter 'a'" in said.crosses[0]
    assert said.err.splitlines()[-1] == f"   mlcc adapter add a --weights {one}"
    mlcc(*ADD, "a", "--weights", one)
    said = mlcc("add-ic", "a", "--update", "--model-data", f"{two}M")
    assert "'a' is deployed as adapter, not as model." in said.crosses[0]
    said = mlcc("add-ic", "a", "--model-data", f"{two}M")
    assert (said.code, said.err.splitlines()[-1]) == (1, "   ./do/adapter list")


def test_a_run_is_named(world: World, mlcc: Mlcc):
    first = world.tune()
    document = mlcc(*ADD, "a", "--from-tune", "--json").document
    assert (document["run"], document["source"]) == (first.job, first.output.path)
    second = world.tune(values={"epochs": 2}, force=True)
    hint = mlcc(*ADD, "a", "--from-tune", "fake").err.splitlines()[-1]
    assert hint == "   mlcc adapter update a --from-tune fake"
    said = mlcc(*shlex.split(hint)[1:])
    assert f"(the output of {second.job})" in said.out
    assert "newest" not in said.err
    assert mlcc(*UPDATE, "a", "--from-tune", first.job, "--json").document["run"] == first.job


@pytest.mark.parametrize("words", [(), ("fake",)])
@pytest.mark.parametrize(
    ("course", "end"),
    [(("failed",), "failed"), (("stopped",), "was stopped"), (("running",) * 99, "is running")],
)
def test_a_newer_run_without_output_is_told(
    world: World, mlcc: Mlcc, words: tuple[str, ...], course: tuple[str, ...], end: str
):
    first = world.tune()
    world.platform.course = course  # type: ignore[assignment]
    newer = ("tune", *shlex.split("--technique fake --dataset train.jsonl --epochs 2 --force"))
    mlcc(*newer, "--no-wait")
    (name,) = set(world.platform.jobs) - {first.job}
    said = mlcc(*ADD, "a", "--from-tune", *words)
    assert said.code == 0
    (line,) = [line for line in said.err.splitlines() if "newest" in line]
    assert line.startswith(f"ℹ️  The newest run {name} {end}; this is the output of {first.job} of ")
    assert source(world) == first.output.path


def test_a_newer_run_that_completed_unseen_is_taken(world: World, mlcc: Mlcc):
    world.tune()
    newer = world.tune(values={"epochs": 2}, force=True, wait=False)
    for _ in range(3):
        world.platform.describe(None, newer.job)
    said = mlcc(*ADD, "a", "--from-tune", "fake", "--json")
    assert said.document["run"] == newer.job


def test_moments():
    now = time.mktime((2026, 3, 1, 0, 30, 0, 0, 0, -1))
    assert moment(now - 60, now) == "00:29"
    assert moment(now - 3600, now) == "23:30 yesterday"
    assert moment(now - 2 * 86400, now) == "2026-02-27 00:30"
