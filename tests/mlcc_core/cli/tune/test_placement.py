"""Where jobs read a dataset, as it is or as a copy; and what a platform says of a request."""

from __future__ import annotations

import json

import pytest

from mlcc_core.staging import DatasetError
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import ROWS, World

WHY = "The dataset is copied, because jobs may not read it."
DRY = ("tune", "--technique", "fake", "--dataset", "train.jsonl", "--dry-run")


def test_what_jobs_may_not_read_is_copied(world: World):
    world.platform.out_of_reach = WHY
    result = world.tune()
    ((key, (data, record)),) = world.platform.staged.items()
    assert [json.loads(line) for line in data.splitlines()] == ROWS
    assert world.platform.jobs[result.job].body["dataset"] == f"fake://staged/{key}"
    assert record["rows"] == world.record(result.job).rows == len(ROWS)
    assert world.heard.lines.count(f"ℹ️  {WHY}") == 1
    world.heard.lines.clear()
    world.tune(force=True)
    assert any("Already staged" in line for line in world.heard.lines)
    assert f"ℹ️  {WHY}" not in world.heard.lines, "it says why a copy is made, and none is"
    assert world.platform.calls.count("commit") == 1


def test_every_row_of_a_copy_is_validated(world: World):
    rows = [*ROWS, {"prompt": 1, "completion": "x"}]
    dataset = world.write("late.jsonl", rows)
    world.platform.out_of_reach = WHY
    error = world.refused(dataset=dataset)
    assert isinstance(error, DatasetError)
    assert "line 13" in error.what
    assert world.platform.staged == {}
    assert world.jobs() == []


def test_the_job_is_the_same_wherever_its_dataset_is_read(world: World):
    first = world.tune()
    world.platform.out_of_reach = WHY
    second = world.tune()
    assert (second.job, second.created) == (first.job, False)
    assert world.platform.staged == {}


def test_a_dataset_that_is_converted_needs_no_explanation(world: World):
    world.platform.out_of_reach = WHY
    dataset = world.write("raw.jsonl", [{"q": "1", "completion": "x"}])
    world.tune(dataset=dataset, column_map="q:prompt")
    assert f"ℹ️  {WHY}" not in world.heard.lines


def test_the_plan_says_that_there_will_be_a_copy(world: World, mlcc: Mlcc):
    world.platform.out_of_reach = WHY
    said = mlcc(*DRY)
    assert "; waits for staging)" in said.out
    assert said.out.count(f"ℹ️  {WHY}\n") == 1
    plan = mlcc(*DRY, "--json").document["plan"]
    assert plan["dataset"]["in_place"] is False
    assert plan["dataset"]["notes"] == [WHY]
    assert world.platform.staged == {}


def test_a_remark_on_the_model_is_made_once(
    world: World, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
):
    world.platform.notes = ("It is a toy.",)
    monkeypatch.setattr(type(world.platform), "model_note", lambda *_: "It is a toy.")
    for state in ("created", "found"):
        said = mlcc(*DRY[:-1])
        assert (said.out + said.err).count("It is a toy.") == 1, state


def test_what_a_platform_has_to_say_of_a_request(world: World, mlcc: Mlcc):
    world.platform.notes, world.platform.warnings = ("One note.",), ("One warning.",)
    said = mlcc(*DRY)
    assert said.out.count("ℹ️  One note.\n⚠️  One warning.\n") == 1
    plan = mlcc(*DRY, "--json").document["plan"]
    assert (plan["notes"], plan["warnings"]) == (["One note."], ["One warning."])
    result = world.tune()
    assert world.heard.lines.count("ℹ️  One note.") == 1
    assert world.heard.lines.count("⚠️  One warning.") == 1
    assert "One note." not in json.dumps(world.record(result.job).request)
