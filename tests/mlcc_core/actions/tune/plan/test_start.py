"""Jobs that go on from the output of an earlier run, with a platform in memory."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mlcc_core.contract.job import Start
from tests.mlcc_core.world import World


def started_from(world: World, job: str) -> Any:
    return world.platform.jobs[job].body.get("start")


@pytest.mark.parametrize("words", ["fake", "whole name", "start"])
def test_a_run_is_named_in_three_ways(world: World, words: str):
    first = world.tune()
    named = {"fake": "fake", "whole name": first.job, "start": first.job[:-4]}[words]
    second = world.tune(technique="second", from_tune=named)
    path = f"fake://artifacts/{first.job}"
    assert started_from(world, second.job) == [path, f"content of {path}"]
    assert second.record is not None
    (run,) = second.record.lineage
    assert (run.job, run.technique, run.kind, run.path) == (first.job, "fake", "adapter", path)
    assert run.fingerprint == f"content of {path}"


def test_the_lineage_is_told_from_the_first_run_on(world: World):
    first = world.tune()
    second = world.tune(technique="second", from_tune="fake")
    third = world.tune(from_tune="second", force=True)
    assert third.record is not None
    assert [run.job for run in third.record.lineage] == [first.job, second.job]
    assert world.tune(from_tune="second").job == third.job


def test_the_model_is_that_of_the_start(world: World):
    world.tune(model="other-model")
    second = world.tune(technique="second", from_tune="fake")
    assert world.platform.jobs[second.job].body["model"] == "other-model"
    error = world.refused(technique="second", from_tune="fake", model="fake-model")
    assert error.what == ("--model fake-model is not the model of the start, which is other-model.")
    assert "--from-tune fake" in (error.hint or "")
    assert "--model" not in (error.hint or "").partition("#")[0]


def test_a_whole_model_takes_the_place_of_the_model(world: World):
    first = world.tune(training_type="full-rank")
    path = f"fake://artifacts/{first.job}"
    for training_type in ("lora", "full-rank"):
        job = world.tune(
            technique="second", from_tune="fake", training_type=training_type, force=True
        ).job
        assert world.platform.jobs[job].body["model"] == path


def test_another_content_is_another_job(world: World, monkeypatch: pytest.MonkeyPatch):
    first = world.tune()
    second = world.tune(technique="second", from_tune="fake")
    own = type(world.platform).find_start

    def changed(*arguments: Any) -> Start:
        return dataclasses.replace(own(*arguments), fingerprint="another")

    monkeypatch.setattr(type(world.platform), "find_start", changed)
    error = world.refused(technique="second", from_tune="fake")
    assert error.what.startswith(f"The tracked second job {second.job} is not what is asked for")
    assert error.detail == (
        f"content of the start: was content of fake://artifacts/{first.job}, is now another",
    )


def test_weights_of_anywhere(world: World):
    world.platform.artifacts["fake://bought"] = "adapter"
    job = world.tune(from_weights="fake://bought", model="base").job
    assert world.platform.jobs[job].body["model"] == "base"
    assert started_from(world, job)[0] == "fake://bought"
    error = world.refused(from_weights="fake://none", force=True)
    assert (error.where, error.exit_code) == ("--from-weights", 1)


def test_a_run_that_failed(world: World):
    world.platform.course = ("failed",)
    world.refused()
    job = world.variable("TUNE_JOB_NAME_FAKE")
    world.platform.course = ("completed",)
    error = world.refused(technique="second", from_tune="fake")
    assert error.what == f"The run {job} failed: the loss is not a number"
    assert (error.where, error.exit_code) == ("--from-tune", 1)
    assert "mlcc runs list" in (error.hint or "")


def test_a_run_that_is_not_finished_is_asked_about(world: World):
    world.platform.course = ("running", "running", "completed")
    job = world.tune(wait=False).job
    world.platform.course = ("completed",)
    error = world.refused(technique="second", from_tune=job)
    assert error.what == f"The run {job} is not finished: running."
    assert "mlcc logs" in (error.hint or "")
    assert world.tune(technique="second", from_tune=job).output is not None
    assert world.record(job).output is not None


def test_a_technique_means_its_latest_completed_run(world: World):
    first = world.tune().job
    world.platform.course = ("running", "failed")
    world.tune(wait=False, force=True, values={"epochs": 2})
    world.platform.course = ("completed",)
    second = world.tune(technique="second", from_tune="fake")
    assert started_from(world, second.job)[0] == f"fake://artifacts/{first}"


def test_a_run_that_its_platform_has_lost(world: World):
    world.platform.course = ("running",)
    job = world.tune(wait=False).job
    del world.platform.jobs[job]
    error = world.refused(technique="second", from_tune="fake")
    assert error.what == f"The run {job} has disappeared from Fake (in memory)."


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"from_tune": "nix"}, "'nix' is neither a run of this project nor a technique."),
        ({"from_tune": "secnd"}, "Did you mean 'second'?"),
        ({"from_tune": "second"}, "no completed run of it is on record"),
        ({"from_tune": "fake", "from_weights": "x"}, "exclude each other"),
        ({"from_tune": "fake", "training_type": "full-rank"}, "cannot go on from a LoRA adapter"),
        ({"from_tune": "fake", "platform": "elsewhere"}, "was trained on platform 'fake'"),
    ],
)
def test_a_start_that_cannot_be(world: World, given: dict[str, Any], words: str):
    world.tune()
    error = world.refused(technique="scored", values={"scorer": "s.py"}, **given)
    assert words in error.what
    assert (error.exit_code, len(error.what.splitlines())) == (1, 1)


def test_a_platform_that_cannot_go_on(world: World, monkeypatch: pytest.MonkeyPatch):
    world.tune()
    monkeypatch.setattr(type(world.platform), "find_start", lambda *_: None)
    error = world.refused(technique="second", from_tune="fake")
    assert error.what == (
        "Platform 'fake' cannot go on from an earlier output: its jobs begin with a model as it is."
    )
    assert error.hint is not None
    assert "--from-tune" not in error.hint.partition("#")[0]


def test_a_request_that_forgets_the_start_is_never_sent(world: World):
    world.tune()
    own = world.platform.read_spec
    world.platform.read_spec = (  # type: ignore[method-assign]
        lambda body: dataclasses.replace(own(body), start=None)
    )
    error = world.refused(technique="second", from_tune="fake")
    assert "nothing was submitted" in error.what
    assert any(line.startswith("start: asked") for line in error.detail)
