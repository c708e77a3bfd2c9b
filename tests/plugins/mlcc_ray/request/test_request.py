"""Requests: everything that is asked is in the body, and everything that is wrong is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from mlcc_core import DatasetRef, Evaluator, EvaluatorKind
from mlcc_core.errors import Problems
from mlcc_engine import request as engine
from mlcc_ray import plugin
from mlcc_ray.api import nodes

runner = plugin.runner

FLAG = "--reward"


@pytest.fixture
def reward(tmp_path):
    """A reward function with a module beside it."""
    folder = tmp_path / "rewards"
    folder.mkdir()
    (folder / "reward.py").write_text("import helping\n\n\ndef score(events):\n    return [1.0]\n")
    (folder / "helping.py").write_text("A = 1\n")
    return Evaluator(EvaluatorKind.FUNCTION, f"{folder / 'reward.py'}:score", FLAG, {}, FLAG)


def test_the_engine_reads_what_is_asked(place, spec):
    asked = spec(
        hyperparameters={"num_train_epochs": 2, "lora_rank": 4, "seed": 7},
        options={"workers": 2, "thinking": "off", "quantize": "4bit"},
    )
    body = runner.build_request(place, asked).body["request"]
    assert body.pop("ray") == {"workers": 2, "resources": {"CPU": 1.0}}
    read = engine.parse({**body, "job": "a", "output": "b"})
    assert (read.processes, read.thinking, read.quantize, read.seed) == (2, "off", "4bit", 7)
    assert read.hyperparameters == {"num_train_epochs": 2}
    assert read.lora == {"r": 4}
    assert read.dataset.endswith("/staged/rows.jsonl")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hyperparameters=some.fixed_dictionaries(
        {},
        optional={
            "num_train_epochs": some.integers(1, 9),
            "learning_rate": some.floats(1e-6, 1e-2),
            "seed": some.integers(0, 99),
            "train_batch_size": some.integers(1, 64),
        },
    ),
    workers=some.integers(1, 4),
    full=some.booleans(),
)
def test_what_a_body_reports_is_what_was_asked(place, spec, hyperparameters, workers, full):
    asked = spec(
        hyperparameters=hyperparameters,
        options={"workers": workers},
        training_type="full-rank" if full else "lora",
    )
    request = runner.build_request(place, asked)
    assert json.loads(json.dumps(request.body)) == request.body
    assert request.body == runner.build_request(place, asked).body
    reported = runner.read_spec(request.body)
    assert reported.hyperparameters == hyperparameters
    assert (reported.model, reported.training_type) == (asked.model, asked.training_type)
    assert reported.dataset == asked.dataset.uri


def test_a_reward_function_goes_along_with_what_it_imports(place, spec, reward):
    asked = spec(evaluator=reward, evaluator_argument="reward_funcs", trainer="trl:GRPOTrainer")
    body = runner.build_request(place, asked).body
    assert body["request"]["evaluator"]["value"] == "files/reward.py:score"
    assert set(body["files"]) == {"reward.py", "helping.py"}
    reported = runner.read_spec(body)
    assert reported.evaluator == reward.value
    assert reported.extra["evaluator_checksum"] == body["files"]["reward.py"]["sha256"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"judge_url": "http://localhost:8000/v1"}, "is an address of this machine"),
        ({"judge_url": "http://127.0.0.2:8000/v1"}, "is an address of this machine"),
        ({"judge_url": "http://[::1]:8000/v1"}, "is an address of this machine"),
        ({}, "needs a judge"),
    ],
)
def test_a_judge_of_this_machine_is_refused(place, spec, tmp_path, refusal, settings, told):
    prompt = tmp_path / "judge.txt"
    prompt.write_text("Rate {{prompt}} {{completion}} from 0 to 1.")
    judged = Evaluator(EvaluatorKind.PROMPT, str(prompt), FLAG, settings, FLAG)
    asked = spec(evaluator=judged, evaluator_argument="reward_funcs", trainer="trl:GRPOTrainer")
    error = refusal(runner.build_request, place, asked)
    assert told in error.what
    assert error.hint


def test_a_judge_elsewhere_is_asked_with_the_clusters_own_key(place, spec, tmp_path):
    prompt = tmp_path / "judge.txt"
    prompt.write_text("Rate {{prompt}} {{completion}} from 0 to 1.")
    settings = {"judge_url": "http://judge.example.com/v1"}
    judged = Evaluator(EvaluatorKind.PROMPT, str(prompt), FLAG, settings, FLAG)
    asked = spec(evaluator=judged, evaluator_argument="reward_funcs", trainer="trl:GRPOTrainer")
    place = replace(place, settings={**place.settings, "MLCC_JUDGE_API_KEY": "hunter2"})
    request = runner.build_request(place, asked)
    assert "MLCC_JUDGE_API_KEY of the cluster's own environment" in request.warnings[0]
    assert "hunter2" not in json.dumps(request.body)


def test_the_default_is_a_gpu_where_there_is_one(place, spec, dashboard):
    dashboard.nodes = [{"CPU": 4.0, "GPU": 1.0}]
    asked = runner.build_request(place, spec()).body["request"]
    assert asked["ray"]["resources"] == {"CPU": 1.0, "GPU": 1.0}
    named = runner.build_request(place, spec(options={"resources": "CPU=3"})).body["request"]
    assert named["ray"]["resources"] == {"CPU": 3.0}


def test_everything_that_is_wrong_is_told_at_once(place, spec, tmp_path):
    asked = spec(
        hyperparameters={"num_train_epochs": -1},
        hyperparameter_flags={"num_train_epochs": "--epochs"},
        options={"resources": "CPU=99", "packages": str(tmp_path / "none.txt")},
        dataset=DatasetRef("/elsewhere/train.jsonl", "f", 1),
    )
    with pytest.raises(Problems) as caught:
        runner.build_request(place, asked)
    wheres = [problem.where for problem in caught.value.problems]
    assert wheres == ["--epochs", "--packages", "--resources", "--dataset"]


@pytest.mark.parametrize("options", [{"workers": 65}, {"resources": ""}])
def test_what_the_core_refuses_is_not_told_twice(place, spec, options):
    asked = runner.build_request(place, spec(options=options)).body["request"]
    assert asked["ray"] == {"workers": 1, "resources": {"CPU": 1.0}}


def test_a_growing_cluster_is_a_warning(place, spec, dashboard):
    dashboard.labels = {nodes.GROUP: "workers"}
    request = runner.build_request(place, spec(options={"workers": 9}))
    assert "the job waits for more" in request.warnings[0]


def test_a_cluster_that_is_gone_is_told_by_the_request_as_by_the_check(place, spec, refusal):
    nowhere = replace(place, settings={**place.settings, "RAY_ADDRESS": "http://127.0.0.1:9"})
    error = refusal(runner.build_request, nowhere, spec())
    check = next(check for check in plugin.checks(nowhere) if check.name == "cluster")
    assert (error.what, error.hint) == (check.found, check.hint)
