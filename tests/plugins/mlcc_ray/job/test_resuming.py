"""An interrupted job goes on under its name: one submission at a time."""

from __future__ import annotations

import json

import pytest

from mlcc_core.errors import PlatformError
from mlcc_ray import plugin
from mlcc_ray.job import submission
from tests.plugins.mlcc_ray.jobs_api import broken, dropped

runner = plugin.runner


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(submission, "WAITS", (0.0,))


def ids(sent):
    return [each["id"] for each in json.loads((sent.folder / "submissions.json").read_text())]


def test_a_lost_job_goes_on_under_the_next_id(place, sent, dashboard):
    sent.trains(4)
    dashboard.end(sent.name, "FAILED")
    runner.resume(place, sent.name)
    assert dashboard.jobs[f"{sent.name}-c2"]["status"] == "RUNNING"
    first, second = (dashboard.jobs[name] for name in (sent.name, f"{sent.name}-c2"))
    assert first["entrypoint"] == second["entrypoint"]
    assert first["runtime_env"] == second["runtime_env"]
    state = runner.describe(place, sent.name)
    assert (state.status, state.details["went on as"]) == ("running", f"{sent.name}-c2")
    dashboard.end(f"{sent.name}-c2", "FAILED")
    runner.resume(place, sent.name)
    assert ids(sent) == [sent.name, f"{sent.name}-c2", f"{sent.name}-c3"]
    assert list(runner.list_jobs(place, "demo")) == [sent.name]


def test_a_job_goes_on_on_a_cluster_that_was_started_anew(place, sent, dashboard):
    dashboard.jobs.clear()
    dashboard.head = "beef"
    runner.resume(place, sent.name)
    assert list(dashboard.jobs) == [f"{sent.name}-c2"]
    assert runner.describe(place, sent.name).status == "running"


def test_a_job_that_was_never_started_keeps_its_id(place, sent, dashboard, monkeypatch):
    import time

    dashboard.jobs.clear()
    now = time.time
    monkeypatch.setattr("mlcc_folders.job.state.time.time", lambda: now() + 61)
    runner.resume(place, sent.name)
    assert list(dashboard.jobs) == [sent.name]
    assert ids(sent) == [sent.name]


def test_the_result_of_an_interruption_is_not_in_the_way(place, sent, dashboard):
    sent.write("result.json", {"state": "failed", "fault": "platform", "reason": "lost"})
    dashboard.end(sent.name, "FAILED")
    runner.resume(place, sent.name)
    assert not (sent.folder / "result.json").exists()
    assert runner.describe(place, sent.name).status == "running"


@pytest.mark.parametrize("status", ["running", "completed", "stopped", "failed"])
def test_what_is_not_interrupted_does_not_go_on(place, sent, dashboard, status):
    if status == "completed":
        sent.completes()
    elif status != "running":
        sent.write("result.json", {"state": status, "fault": "job", "reason": "so"})
    with pytest.raises(PlatformError, match=f"is {status}, so it cannot go on"):
        runner.resume(place, sent.name)
    assert list(dashboard.jobs) == [sent.name]


def test_a_lost_answer_is_as_good(place, sent, dashboard):
    dashboard.end(sent.name, "FAILED")
    dashboard.faults["POST", "/api/jobs/"] = dropped
    runner.resume(place, sent.name)
    assert runner.describe(place, sent.name).status == "running"


def test_a_cluster_that_refuses_leaves_the_job_interrupted(place, sent, dashboard):
    sent.trains(2)
    dashboard.end(sent.name, "FAILED")
    dashboard.faults["POST", "/api/jobs/"] = broken
    with pytest.raises(PlatformError, match="answered 500"):
        runner.resume(place, sent.name)
    dashboard.faults.clear()
    runner.resume(place, sent.name)
    assert [name for name, job in dashboard.jobs.items() if job["status"] == "RUNNING"]
    assert runner.describe(place, sent.name).status == "running"


def test_another_machine_has_it_go_on(place, sent, dashboard, tmp_path):
    from dataclasses import replace

    dashboard.end(sent.name, "FAILED")
    other = tmp_path / "other"
    other.mkdir()
    runner.resume(replace(place, root=other), sent.name)
    assert runner.describe(place, sent.name).details["went on as"] == f"{sent.name}-c2"
    with pytest.raises(PlatformError, match="is running"):
        runner.resume(place, sent.name)
