"""The state of a job, from its folder and its cluster, whatever has happened to either."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core import JobNotFound
from mlcc_core.errors import PlatformError
from mlcc_ray import plugin
from tests.plugins.mlcc_ray import jobs_api
from tests.plugins.mlcc_ray.jobs_api import silent

runner = plugin.runner


@pytest.fixture
def later(monkeypatch):
    """A minute has passed."""
    now = time.time
    monkeypatch.setattr("mlcc_folders.job.state.time.time", lambda: now() + 61)


def test_a_job_that_waits_for_the_cluster_is_pending(place, sent, dashboard):
    dashboard.end(sent.name, "PENDING")
    state = runner.describe(place, sent.name)
    assert (state.status, state.phase) == ("pending", "Waiting for the cluster")
    sent.write("state.json", {"state": "waiting", "time": time.time()})
    dashboard.end(sent.name, "RUNNING")
    state = runner.describe(place, sent.name)
    assert (state.status, state.phase) == ("running", "Waiting for 1 worker with 1 CPU")


def test_a_job_that_trains_tells_how_far_it_is(place, sent, dashboard):
    sent.trains(3)
    (sent.folder / "warnings.txt").write_text("⚠️ nothing is learned\n")
    state = runner.describe(place, sent.name)
    assert (state.status, state.phase) == ("running", "Training")
    assert state.progress is not None
    assert (state.progress.step, state.progress.steps, state.progress.loss) == (3, 10, 6.0)
    assert state.warnings == ("⚠️ nothing is learned",)
    assert state.details["cluster"] == dashboard.address
    steps = runner.progress_since(place, sent.name, 1)
    assert [progress.step for progress in steps] == [2, 3]


def test_a_job_that_completed_needs_no_cluster_and_its_output_is_fetched(place, sent, dashboard):
    sent.trains(3)
    sent.completes()
    dashboard.faults["GET", "/"] = silent
    lines: list[str] = []
    state = runner.describe(replace(place, say=lines.append), sent.name)
    assert state.status == "completed"
    assert state.artifacts == str(place.root / "outputs" / sent.name)
    assert (Path(state.artifacts) / "adapter_config.json").is_file()
    assert state.ended == 2e9
    assert state.reason is None
    assert len(lines) == 1
    again = runner.describe(replace(place, say=lines.append), sent.name)
    assert again == state
    assert len(lines) == 1


def test_an_output_that_was_removed_here_is_fetched_again(place, sent):
    sent.completes()
    state = runner.describe(place, sent.name)
    output = Path(str(state.artifacts))
    (output / "adapter_config.json").unlink()
    output.rmdir()
    assert runner.describe(place, sent.name) == state
    assert (output / "adapter_config.json").is_file()


def test_the_place_of_an_output_is_not_taken_from_another_file(place, sent):
    sent.completes()
    target = place.root / "outputs" / sent.name
    target.parent.mkdir(exist_ok=True)
    target.write_text("mine")
    with pytest.raises(Exception, match="not overwritten"):
        runner.describe(place, sent.name)
    assert target.read_text() == "mine"


def test_another_machine_finds_the_job_and_what_it_asked(place, sent, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = replace(place, root=other)
    assert list(runner.list_jobs(elsewhere, "demo-sft")) == [sent.name]
    state = runner.describe(elsewhere, sent.name)
    assert state.reported == runner.describe(place, sent.name).reported
    assert state.reported is not None
    sent.completes()
    assert runner.describe(elsewhere, sent.name).artifacts == str(other / "outputs" / sent.name)


@pytest.mark.parametrize("status", ["FAILED", "SUCCEEDED", "STOPPED"])
def test_a_job_that_ended_without_a_result_can_go_on(place, sent, dashboard, status):
    sent.trains(4)
    message = "Job entrypoint command failed with exit code 1, last available logs:\nno torch\n"
    dashboard.end(sent.name, status, message)
    state = runner.describe(place, sent.name)
    assert (state.status, state.fault, state.interrupted) == ("failed", "platform", True)
    assert state.saved_step == 4
    assert state.reason is not None
    assert state.reason.startswith("The job on the cluster ended without a result. Job entrypoint")
    assert state.reason.endswith("no torch")


def test_packages_that_cannot_be_installed_are_the_users_to_mend(place, spec, dashboard, tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("no-such-package==1.0\n")
    name = "demo-sft-12345678-1"
    runner.submit(place, name, runner.build_request(place, spec(options={"packages": str(path)})))
    dashboard.end(name, "PENDING")
    phase = runner.describe(place, name).phase
    assert phase == "Installing packages, or waiting for the cluster"
    message = (
        "runtime_env setup failed: Failed to set up runtime environment.\n"
        "Traceback (most recent call last):\n"
        "ERROR: Could not find a version (from versions: none)\n"
        "ERROR: No matching distribution found for no-such-package==1.0\n\n"
    )
    dashboard.end(name, "FAILED", message)
    state = runner.describe(place, name)
    assert (state.status, state.fault, state.interrupted) == ("failed", "input", False)
    assert state.reason == (
        "Ray could not install the packages of --packages: No matching distribution found for "
        "no-such-package==1.0.\nmend the file that --packages names"
    )
    with pytest.raises(PlatformError, match="cannot go on"):
        runner.resume(place, name)


def test_a_job_without_packages_that_cannot_be_set_up_can_go_on(place, sent, dashboard):
    dashboard.end(sent.name, "FAILED", "runtime_env setup failed: the disk is full\n")
    state = runner.describe(place, sent.name)
    assert state.interrupted
    assert "the disk is full" in str(state.reason)


def test_the_reason_is_the_line_that_the_driver_said_last(place, sent, dashboard):
    message = (
        "Job entrypoint command failed with exit code 3, last available logs:\n"
        "2026-11-30 15:00:07,411 INFO -- Runtime env is set up.\n"
        "❌ On the cluster's node a: The folder /b is not there. Hint: mkdir -p /b\n"
    )
    dashboard.end(sent.name, "FAILED", message)
    assert runner.describe(place, sent.name).reason == (
        "The job on the cluster ended without a result. On the cluster's node a: The folder /b is "
        "not there.\nmkdir -p /b"
    )


def test_a_job_whose_folder_was_removed_is_not_found(place, sent, dashboard):
    assert runner.describe(place, sent.name).status == "running"
    shutil.rmtree(sent.folder)
    with pytest.raises(JobNotFound):
        runner.describe(place, sent.name)


def test_a_job_of_another_storage_is_not_found(place, sent, dashboard, tmp_path):
    assert runner.describe(place, sent.name).status == "running"
    other = tmp_path / "other"
    other.mkdir()
    settings = {**place.settings, "RAY_STORAGE": other.as_uri()}
    with pytest.raises(JobNotFound):
        runner.describe(replace(place, settings=settings), sent.name)


def test_a_cluster_that_was_started_anew_has_interrupted_its_jobs(place, sent, dashboard):
    sent.trains(4)
    dashboard.jobs.clear()
    dashboard.head = "beef"
    state = runner.describe(place, sent.name)
    assert (state.status, state.interrupted, state.saved_step) == ("failed", True, 4)
    assert state.reason == "The cluster that ran the job is gone, or was started anew."


def test_a_cluster_that_does_not_answer_has_lost_no_job(place, sent, dashboard):
    away = replace(place, settings={**place.settings, "RAY_ADDRESS": "http://127.0.0.1:9"})
    with pytest.raises(PlatformError, match="does not answer") as caught:
        runner.describe(away, sent.name)
    assert caught.value.transient


def test_a_job_is_asked_for_where_it_was_sent(place, sent, dashboard):
    """A project that names another cluster now does not take its job for lost."""
    with jobs_api.serve() as other:
        other.head = "beef"
        moved = replace(place, settings={**place.settings, "RAY_ADDRESS": other.address})
        state = runner.describe(moved, sent.name)
        assert state.status == "running"
        runner.stop(moved, sent.name)
        assert dashboard.jobs[sent.name]["status"] == "STOPPED"


def test_a_submission_that_was_cut_off_is_pending_and_then_was_never_started(
    place, sent, dashboard, later
):
    dashboard.jobs.clear()
    state = runner.describe(place, sent.name)
    assert (state.status, state.interrupted, state.saved_step) == ("failed", True, None)
    assert state.reason == "The job was never started: what submitted it was interrupted."


def test_a_failure_of_the_training_is_told_as_it_is(place, sent, dashboard):
    told = {"state": "failed", "fault": "input", "reason": "Row 3 is empty.", "hint": "mlcc check"}
    sent.write("result.json", told)
    dashboard.end(sent.name, "FAILED", "exit code 1")
    state = runner.describe(place, sent.name)
    assert (state.status, state.fault, state.interrupted) == ("failed", "input", False)
    assert state.reason == "Row 3 is empty.\nmlcc check"


def test_an_interruption_that_the_driver_tells_is_told_in_its_words(place, sent, dashboard):
    sent.trains(2)
    sent.write("result.json", {"state": "failed", "fault": "platform", "reason": "Lost thrice."})
    state = runner.describe(place, sent.name)
    assert (state.interrupted, state.saved_step, state.reason) == (True, 2, "Lost thrice.")


@pytest.mark.parametrize("name", ["demo-sft-12345678-9", "../../etc", "", "a b"])
def test_a_name_that_no_job_has(place, sent, name):
    with pytest.raises(JobNotFound):
        runner.describe(place, name)


def test_a_name_that_is_nearly_one_leads_to_it(place, sent):
    with pytest.raises(JobNotFound, match=f"Did you mean '{sent.name}'"):
        runner.describe(place, sent.name[:-1] + "2")
