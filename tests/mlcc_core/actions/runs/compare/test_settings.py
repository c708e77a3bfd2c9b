"""Everything that decided a run, with its origin, and the differences of runs."""

from __future__ import annotations

from typing import Any

from mlcc_core.actions.runs.compare.held_out import held_out_of
from mlcc_core.actions.runs.compare.settings import changes_since, differences, settings_of
from mlcc_core.project.records import RunRecord
from tests.mlcc_core.world import World


def record(**changed: Any) -> RunRecord:
    asked = {"--technique": "fake", "trainer": "t", "trainer settings": {"beta": 0.1}}
    found: dict[str, Any] = {
        "job": "a",
        "platform": "fake",
        "technique": "fake",
        "plan_hash": "0",
        "asked": {**asked, **changed.pop("asked", {})},
    }
    return RunRecord(**{**found, **changed})


def test_each_setting_has_its_origin(world: World):
    job = world.tune(values={"epochs": 2}).job
    found = {each.name: each for each in settings_of(world.record(job))}
    assert (found["--epochs"].value, found["--epochs"].origin) == (2, "given")
    assert found["--model"].origin == "project or default"
    assert found["--platform"].origin == "project or default"
    assert found["dataset content"].origin == "dataset"
    assert found["trainer"].origin == "recipe"
    assert "--dataset" not in found


def test_settings_of_the_trainer_stand_one_by_one():
    asked = {"--set weight_decay": 0.1}
    run = record(asked=asked, command="./do/tune --set weight_decay=0.1 --dataset a.jsonl")
    found = {each.name: each.origin for each in settings_of(run)}
    assert found["trainer settings: beta"] == "recipe"
    assert found["--set weight_decay"] == "given"


def test_a_command_that_no_shell_reads_tells_no_origin():
    assert settings_of(record(command="./do/tune '"))[0].origin == "project or default"


def test_runs_differ_in_what_is_not_the_same():
    runs = [record(asked={"--epochs": 1}), record(asked={"--epochs": 2}), record()]
    (found,) = differences(runs)
    assert (found.name, found.values) == ("--epochs", (1, 2, None))
    assert differences(runs[:1] * 2) == ()


def test_what_follows_from_a_flag_did_not_change_by_itself():
    before, now = record(), record(asked={"lora scaling": 2, "--lora-rank": 8})
    assert [row.in_words() for row in changes_since(now, before)] == ["--lora-rank not set → 8"]
    other = record(asked={"dataset content": "a" * 64})
    same = record(asked={"dataset content": "b" * 64})
    assert [row.in_words() for row in changes_since(other, same)] == ["dataset"]


def test_the_number_of_held_out_rows_that_was_judged_by():
    numbers = {"held_out_loss": 0.9, "held_out_loss_before": 3.21, "held_out_loss_best": 0.84}
    found = held_out_of(numbers)
    assert found is not None
    assert found.in_words() == "held-out loss 3.21 → 0.84"
    more = {"held_out_reward_error": 0.1, "held_out_reward": 0.7}
    found = held_out_of({**numbers, **more})
    assert found is not None
    assert found.in_words() == "held-out reward 0.7 ± 0.1"
    assert held_out_of({"loss": 1.0}) is None
