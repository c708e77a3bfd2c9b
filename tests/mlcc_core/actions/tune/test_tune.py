"""``tune`` from plan to output, with a platform in memory."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from mlcc_core.contract.job import JobState
from mlcc_core.testing.job import FakeJob
from tests.mlcc_core.world import World


def test_the_way_of_a_job(world: World):
    result = world.tune(values={"epochs": 3, "learning_rate": 1e-4})
    assert re.fullmatch(r"proj-fake-[0-9a-f]{8}-1", result.job)
    assert result.created
    assert result.state.status == "completed"
    path = f"fake://artifacts/{result.job}"
    assert (result.output.kind, result.output.path) == ("adapter", path)
    assert result.next_steps == (
        "./do/adapter add tuned-fake --from-tune fake",
        "./do/test --adapter tuned-fake",
        f"./do/chat {result.job}",
        "./do/serve",
        f"./do/export {result.job} --to exported/{result.job}",
    )
    assert world.project.config().known() == {
        "PROJECT_NAME": "proj",
        "PLATFORM": "fake",
        "MODEL_ID": "fake-model",
        "FRAMEWORK": "transformers",
        "TUNE_JOB_NAME_FAKE": result.job,
        "TUNE_ADAPTER_PATH_FAKE": path,
        "TUNE_OUTPUT_PATH_LATEST": path,
        "TUNE_OUTPUT_TYPE_LATEST": "adapter",
        "TUNE_TECHNIQUE_LATEST": "fake",
    }
    body = world.platform.jobs[result.job].body
    assert body["hyperparameters"] == {"num_epochs": 3, "lr": 1e-4}
    assert body["dataset"] == str(world.root / "train.jsonl")


def test_the_record_of_a_run(world: World):
    result = world.tune(values={"epochs": 3})
    record = world.record(result.job)
    assert record == result.record
    assert record.submission == "proved"
    assert record.status == "completed"
    assert record.output.path == result.output.path
    assert record.asked["--epochs"] == 3
    assert record.request == dict(world.platform.jobs[result.job].body)
    assert record.seconds.keys() == {"plan", "staging", "job"}
    assert record.dataset == world.request().dataset


def test_what_is_said_on_the_way(world: World):
    result = world.tune()
    assert f"✅ Submitted {result.job} to Fake (in memory)" in world.heard.lines
    assert [state.status for state in world.heard.states] == [
        *("pending", "running", "running", "completed"),
    ]
    assert world.events.heard == [
        f"submitted {result.job}",
        *("progress 20", "progress 30", "progress 40"),
        f"finished fake://artifacts/{result.job}",
    ]


def test_a_dataset_that_needs_work_is_staged_and_its_rows_are_accounted_for(world: World):
    rows = [{"q": f"{i}", "completion": "x", "extra": 1} for i in range(30)]
    dataset = world.write("raw.jsonl", rows)
    result = world.tune(dataset=dataset, column_map="q:prompt")
    record = world.record(result.job)
    ((key, (data, saved)),) = world.platform.staged.items()
    assert data.splitlines()[0] == b'{"prompt":"0","completion":"x"}'
    assert record.dataset_uri == f"fake://staged/{key}"
    assert record.rows == 30
    assert record.ledger["files"][0]["read"] == record.ledger["files"][0]["written"] == 30
    assert saved["rows"] == 30
    assert world.platform.jobs[result.job].body["dataset"] == f"fake://staged/{key}"


def test_staged_once_for_every_job_that_wants_it(world: World):
    dataset = world.write("raw.jsonl", [{"q": "1", "completion": "x"}])
    world.tune(dataset=dataset, column_map="q:prompt")
    world.tune(dataset=dataset, column_map="q:prompt", values={"epochs": 2}, force=True)
    assert world.platform.calls.count("commit") == 1
    assert any("Already staged" in line for line in world.heard.lines)


def test_full_rank_leaves_a_model(world: World):
    result = world.tune(training_type="full-rank")
    assert result.output.kind == "model"
    assert world.variable("TUNE_MODEL_PATH_FAKE") == result.output.path
    assert world.variable("TUNE_ADAPTER_PATH_FAKE") is None
    assert world.variable("TUNE_OUTPUT_TYPE_LATEST") == "model"
    assert result.next_steps == (
        "./do/add-ic tuned-fake --from-tune fake",
        "./do/test --ic tuned-fake",
        f"./do/chat {result.job}",
        "./do/serve",
        f"./do/export {result.job} --to exported/{result.job}",
    )


def test_techniques_do_not_disturb_each_other(world: World):
    first = world.tune()
    second = world.tune(technique="second")
    assert world.variable("TUNE_ADAPTER_PATH_FAKE") == first.output.path
    assert world.variable("TUNE_ADAPTER_PATH_SECOND") == second.output.path
    assert world.variable("TUNE_JOB_NAME_FAKE") == first.job
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") == second.output.path
    again = world.tune()
    assert not again.created
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") == second.output.path


def test_no_wait_submits_and_returns(world: World):
    world.platform.course = ("running",)
    result = world.tune(wait=False)
    assert result.created
    assert result.state.status == "running"
    assert result.output is None
    assert result.next_steps == ("./do/tune --status",)
    assert world.variable("TUNE_JOB_NAME_FAKE") == result.job
    assert world.record(result.job).submission == "proved"


def test_a_dry_run_never_becomes_a_job(world: World):
    with pytest.raises(ValueError, match="dry_run"):
        world.tune(dry_run=True)
    assert world.jobs() == []


def test_a_failed_job_says_why_and_how_to_try_again(world: World):
    world.platform.course = ("running", "failed")
    world.platform.reason = "the loss is not a number\nat step 3"
    error = world.refused(values={"epochs": 2}, column_map=None)
    assert error.exit_code == 2
    job = world.variable("TUNE_JOB_NAME_FAKE")
    assert error.what == f"The job {job} failed: the loss is not a number"
    assert error.detail == ("at step 3",)
    assert error.hint == (
        f"./do/tune --technique fake --epochs 2 --dataset {world.request().dataset} --force"
        "   # once that is mended"
    )
    assert world.record(job).status == "failed"
    assert world.events.heard[-1] == "finished None"


def test_a_failed_job_is_reported_again_not_run_again(world: World):
    world.platform.course = ("failed",)
    first = world.refused()
    world.events.heard.clear()
    second = world.refused()
    assert (second.what, second.exit_code) == (first.what, 2)
    assert len(world.jobs()) == 1
    assert world.events.heard == []


def test_force_tries_again_under_the_next_number(world: World):
    world.platform.course = ("failed",)
    world.refused()
    world.platform.course = ("completed",)
    result = world.tune(force=True)
    assert result.created
    assert [name[-2:] for name in world.jobs()] == ["-1", "-2"]
    assert world.variable("TUNE_JOB_NAME_FAKE") == result.job == world.jobs()[1]


def test_a_stopped_job_is_a_job_error(world: World):
    world.platform.course = ("stopped",)
    error = world.refused()
    assert error.exit_code == 2
    assert "was stopped" in error.what
    assert error.hint.endswith("--force")


def test_a_completed_job_without_a_result_is_no_success(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def nameless(self: FakeJob, read_spec: Any) -> JobState:
        return dataclasses.replace(whole(self, read_spec), artifacts=None)

    whole = FakeJob.next_state
    monkeypatch.setattr(FakeJob, "next_state", nameless)
    error = world.refused()
    assert error.exit_code == 3
    assert "names no result" in error.what
    assert world.variable("TUNE_OUTPUT_PATH_LATEST") is None
