"""Evaluators of jobs on instances: files that are sent along, judges that a container can ask."""

from __future__ import annotations

import json

import pytest

from mlcc_sagemaker.instances.request.evaluator import send_evaluator
from tests.plugins.mlcc_sagemaker.instances.conftest import REWARD, evaluator

JUDGE = "http://judge.internal:8000/v1"


@pytest.fixture
def send(place, training, tmp_path):
    def of(technique="rlvr", value=None, options=None, **settings):
        made = evaluator(tmp_path, technique, value, **settings)
        return send_evaluator(
            place, training(technique, evaluator=made, options=options or {}), None
        )

    return of


def test_a_technique_without_one(place, training):
    assert send_evaluator(place, training(), None) is None


def test_a_reward_function_is_sent_with_the_modules_beside_it(send, tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("from other import B\n")
    (tmp_path / "helpers" / "deep.py").write_text("C = 1\n")
    (tmp_path / "other.py").write_text("B = 1\n")
    (tmp_path / "unused.py").write_text("D = 1\n")
    (tmp_path / "mine.py").write_text("import helpers.deep\n" + REWARD)
    found = send(value="mine.py:score")
    assert found.name == "mine.py:score"
    assert found.sources == {
        name: str(tmp_path / name)
        for name in ("mine.py", "helpers/__init__.py", "helpers/deep.py", "other.py")
    }
    assert found.warnings == ()


def test_the_files_are_in_the_channel(place, jobs, training, tmp_path):
    body = jobs.runner.build_request(place, training("rlvr")).body
    assert "files/reward.py" in body["creates"]["Code"]["files"]
    given = json.loads(body["CreateTrainingJob"]["HyperParameters"]["evaluator"])
    assert given["value"] == "reward.py:score"
    assert body["asked"] == {}


def test_a_package_that_jobs_do_not_install_is_told(send, tmp_path):
    (tmp_path / "mine.py").write_text("import hypothesis, yaml, torch, json\n" + REWARD)
    (warning,) = send(value="mine.py:score").warnings
    assert "imports hypothesis, which jobs do not install" in warning
    (tmp_path / "more.txt").write_text("hypothesis\n")
    options = {"packages": str(tmp_path / "more.txt")}
    assert send(value="mine.py:score", options=options).warnings == ()


@pytest.mark.parametrize(
    "value", ["none.py", "arn:aws:lambda:us-east-1:123456789012:function:x", "s3://b/x.py"]
)
def test_what_is_no_file_of_this_machine(send, refusal, value):
    assert refusal(send, value=value).hint.startswith("pass --reward-function")


def test_a_judge_behind_an_address(send):
    found = send("rlaif", judge_url=JUDGE, judge_model="big", max_failed_rewards=5)
    assert found.settings == {"judge_url": JUDGE, "judge_model": "big", "max_failed_rewards": 5}
    assert list(found.sources) == ["judge.txt"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80", "x.localhost"])
def test_a_judge_on_this_machine_is_out_of_reach(send, refusal, host):
    error = refusal(send, "rlaif", judge_url=f"http://{host}/v1")
    assert "which a training job cannot reach" in error.what


def test_a_judge_that_the_container_loads(send, hub):
    commit = hub.add("org/judge", {"config.json": b"{}"}, kind="model").refs["main"]
    assert send("rlaif", judge_model="org/judge").settings == {"judge_model": f"org/judge@{commit}"}


def test_judges_that_no_container_loads(send, refusal, tmp_path):
    (tmp_path / "folder").mkdir()
    error = refusal(send, "rlaif", judge_model="./folder")
    assert (error.where, "on this machine" in error.what) == ("--judge-model", True)
    error = refusal(send, "rlaif", judge_model="s3://b/model")
    assert "from the Hub, not from S3" in error.what
    assert "needs a judge" in refusal(send, "rlaif", max_failed_rewards=1).what


def test_the_key_of_a_judge_stays_here(place, send):
    place.settings["MLCC_JUDGE_API_KEY"] = "key"
    found = send("rlaif", judge_url=JUDGE)
    assert "without MLCC_JUDGE_API_KEY" in found.warnings[0]
    assert "key" not in found.settings.values()
