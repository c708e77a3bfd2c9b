"""Jobs are stopped, and removed everywhere that they are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core import JobNotFound
from mlcc_core.errors import PlatformError
from mlcc_ray import plugin
from tests.plugins.mlcc_ray.jobs_api import broken

runner = plugin.runner


def test_a_job_is_stopped_for_good(place, sent, dashboard):
    sent.trains(4)
    runner.stop(place, sent.name)
    assert dashboard.jobs[sent.name]["status"] == "STOPPED"
    state = runner.describe(place, sent.name)
    assert (state.status, state.interrupted) == ("stopped", False)
    runner.stop(place, sent.name)
    assert runner.describe(place, sent.name) == state


def test_a_job_that_is_being_stopped_says_so(place, sent, dashboard):
    dashboard.faults["POST", f"/api/jobs/{sent.name}/stop"] = lambda handler: (
        handler.answer(200, {"stopped": True}) or True
    )
    runner.stop(place, sent.name)
    assert runner.describe(place, sent.name).status == "stopping"


def test_a_stop_that_the_cluster_refuses_stops_nothing(place, sent, dashboard):
    dashboard.faults["POST", "/api/jobs/"] = broken
    with pytest.raises(PlatformError, match="Cannot stop the job"):
        runner.stop(place, sent.name)
    assert runner.describe(place, sent.name).status == "running"


def test_a_job_that_is_interrupted_is_left_as_it_is(place, sent, dashboard):
    dashboard.end(sent.name, "FAILED")
    runner.stop(place, sent.name)
    assert runner.describe(place, sent.name).interrupted


def test_checkpoints_are_freed_of_a_job_that_is_over(place, sent):
    sent.trains(4)
    runner.forget(place, sent.name)
    assert (sent.folder / "checkpoints").is_dir()
    sent.completes()
    runner.forget(place, sent.name)
    assert not (sent.folder / "checkpoints").exists()
    assert runner.describe(place, sent.name).status == "completed"


def test_nothing_is_left_of_a_job_that_is_removed(place, sent, dashboard, shared):
    with pytest.raises(PlatformError, match="is not over"):
        runner.remove(place, sent.name)
    sent.completes()
    runner.describe(place, sent.name)
    dashboard.end(sent.name, "SUCCEEDED")
    lines = runner.remove(place, sent.name)
    assert len(lines) == 4
    assert dashboard.jobs == {}
    assert list((shared / "jobs").iterdir()) == []
    assert not (place.root / "outputs" / sent.name).exists()
    assert not (place.root / ".mlcc" / "jobs" / sent.name).exists()
    assert list(runner.list_jobs(place, "")) == []
    with pytest.raises(JobNotFound):
        runner.describe(place, sent.name)
    with pytest.raises(JobNotFound):
        runner.remove(place, sent.name)


def test_a_job_is_removed_from_its_cluster_by_another_way_there(place, sent, dashboard):
    sent.completes()
    noted = json.loads((sent.folder / "submissions.json").read_text())
    sent.write("submissions.json", [{**noted[0], "address": "http://127.0.0.1:9"}])
    lines = runner.remove(place, sent.name)
    assert lines[0] == f"Removed {sent.name} from the cluster {dashboard.address}."
    assert dashboard.jobs == {}


def test_a_job_is_removed_although_its_cluster_is_gone(place, sent, dashboard, shared):
    sent.completes()
    dashboard.faults["DELETE", "/"] = broken
    away = replace(place, settings={**place.settings, "RAY_ADDRESS": "http://127.0.0.1:9"})
    lines = runner.remove(away, sent.name)
    assert lines[0].startswith(f"The cluster keeps {sent.name}: ")
    assert list((shared / "jobs").iterdir()) == []
