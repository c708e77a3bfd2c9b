"""A job is created once, whatever becomes of the answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcc_core import JobNotFound
from mlcc_core.errors import PlatformError
from mlcc_ray import plugin
from mlcc_ray.api import cluster
from mlcc_ray.job import submission
from tests.plugins.mlcc_ray.jobs_api import broken, dropped, once, silent

runner = plugin.runner

NAME = "demo-sft-12345678-1"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(submission, "WAITS", (0.0, 0.1))
    monkeypatch.setattr(cluster, "SEND_SECONDS", 3.0)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 3.0)


@pytest.fixture
def request_(place, spec):
    return runner.build_request(place, spec())


def test_everything_is_in_the_storage_before_the_cluster_is_asked(
    place, request_, dashboard, shared
):
    seen = []

    def look(handler):
        seen.extend(sorted(path.name for path in (shared / "jobs" / NAME).iterdir()))
        return False

    dashboard.faults["POST", "/api/jobs/"] = look
    runner.submit(place, NAME, request_)
    assert seen == ["proof.json", "request.json", "submissions.json"]
    job = dashboard.jobs[NAME]
    assert job["entrypoint"] == f"python -u -m mlcc_ray.cluster {shared.as_uri()} {NAME}"
    body = json.loads((shared / "jobs" / NAME / "request.json").read_text())
    assert body["job"] == NAME
    assert body["ray"] == {"workers": 1, "resources": {"CPU": 1.0}}


def test_code_is_uploaded_once(place, request_, dashboard):
    runner.submit(place, NAME, request_)
    runner.submit(place, f"{NAME}1", request_)
    assert len(dashboard.packages) == 1
    environments = [job["runtime_env"] for job in dashboard.jobs.values()]
    assert environments[0] == environments[1]


def test_no_secret_goes_along(place, request_, dashboard, monkeypatch, shared):
    for name in ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "MLCC_JUDGE_API_KEY"):
        monkeypatch.setenv(name, "hunter2")
    given = {"HF_TOKEN": "hunter2", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-west-1"}
    given["HF_ENDPOINT"] = "https://me:hunter2@hub.example.com"
    place = replace(place, settings={**place.settings, **given})
    runner.submit(place, NAME, request_)
    sent = dashboard.jobs[NAME]["runtime_env"]["env_vars"]
    assert sent == {"AWS_REGION": "eu-west-1", "RAY_JOB_STOP_WAIT_TIME_S": "60"}
    assert "hunter2" not in json.dumps(dashboard.jobs)
    kept = b"".join(path.read_bytes() for path in shared.rglob("*") if path.is_file())
    assert b"hunter2" not in kept


def test_a_job_that_is_there_is_not_created_again(place, request_, dashboard):
    runner.submit(place, NAME, request_)
    with pytest.raises(PlatformError, match="not started a second time"):
        runner.submit(place, NAME, request_)
    assert dashboard.submissions() == 1


def test_a_lost_answer_is_found_out(place, request_, dashboard):
    dashboard.faults["POST", "/api/jobs/"] = dropped
    runner.submit(place, NAME, request_)
    assert list(dashboard.jobs) == [NAME]
    assert runner.describe(place, NAME).status == "running"


def test_a_cluster_that_refuses_leaves_nothing_behind(place, request_, dashboard, shared):
    dashboard.faults["POST", "/api/jobs/"] = broken
    with pytest.raises(PlatformError, match="answered 500"):
        runner.submit(place, NAME, request_)
    with pytest.raises(JobNotFound):
        runner.describe(place, NAME)
    assert list((shared / "jobs").iterdir()) == []
    dashboard.faults.clear()
    runner.submit(place, NAME, request_)
    assert list(dashboard.jobs) == [NAME]


def test_a_cluster_that_falls_silent_leaves_the_job_in_doubt(
    place, request_, dashboard, monkeypatch
):
    monkeypatch.setattr(cluster, "SEND_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 1.0)
    dashboard.faults["POST", "/api/jobs/"] = once(silent)
    dashboard.faults["GET", "/api/jobs/"] = silent
    with pytest.raises(PlatformError, match="did not answer"):
        runner.submit(place, NAME, request_)
    with pytest.raises(PlatformError, match="did not answer"):
        runner.describe(place, NAME)
    dashboard.faults.clear()
    assert runner.describe(place, NAME).status == "pending"


def test_a_removed_job_of_that_name_is_not_in_the_way(place, request_, dashboard):
    dashboard.jobs[NAME] = {"status": "SUCCEEDED", "message": "", "entrypoint": ""}
    runner.submit(place, NAME, request_)
    assert dashboard.jobs[f"{NAME}-c2"]["status"] == "RUNNING"
    state = runner.describe(place, NAME)
    assert (state.status, state.details["ray job"]) == ("running", f"{NAME}-c2")


def test_a_running_job_of_that_name_is_in_the_way(place, request_, dashboard):
    dashboard.jobs[NAME] = {"status": "RUNNING", "message": "", "entrypoint": ""}
    with pytest.raises(PlatformError, match="not started a second time"):
        runner.submit(place, NAME, request_)


def test_a_cluster_that_is_gone_leaves_nothing_behind(place, request_, shared):
    nowhere = replace(place, settings={**place.settings, "RAY_ADDRESS": "http://127.0.0.1:9"})
    with pytest.raises(PlatformError, match="does not answer"):
        runner.submit(nowhere, NAME, request_)
    assert not (shared / "jobs").exists()


def test_a_file_that_has_changed_is_not_sent(place, spec, tmp_path, dashboard):
    from mlcc_core import Evaluator, EvaluatorKind

    reward = tmp_path / "reward.py"
    reward.write_text("def score(events):\n    return [1.0]\n")
    flag = "--reward-function"
    scored = Evaluator(EvaluatorKind.FUNCTION, f"{reward}:score", flag, {}, flag)
    asked = spec(evaluator=scored, evaluator_argument="reward_funcs")
    request = runner.build_request(place, asked)
    reward.write_text("def score(events):\n    return [0.0]\n")
    with pytest.raises(PlatformError, match="has changed since"):
        runner.submit(place, NAME, request)
    assert dashboard.jobs == {}
    assert list(runner.list_jobs(place, "")) == []
    runner.submit(place, NAME, runner.build_request(place, asked))


def test_a_request_that_waits_is_not_sent(place, spec, dashboard):
    request = runner.build_request(place, spec(dataset=None))
    with pytest.raises(PlatformError, match="waits for its dataset"):
        runner.submit(place, NAME, request)
