"""What is tried on this machine before a job is paid for."""

from __future__ import annotations

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers import install_command
from tests.plugins.mlcc_sagemaker.conftest import ROWS
from tests.plugins.mlcc_sagemaker.instances.conftest import evaluator


@pytest.fixture
def bare(monkeypatch):
    """A machine without the packages of the engine."""
    from mlcc_folders import checks

    monkeypatch.setattr(checks, "find_spec", lambda name: None)


def test_a_reward_function_is_tried_here(place, jobs, training):
    spec = training("rlvr")
    request = jobs.runner.build_request(place, spec)
    lines = jobs.runner.try_evaluator(place, spec, request, [ROWS["rlvr"]])
    assert lines


def test_a_reward_function_that_raises_ends_the_command(place, jobs, training, tmp_path):
    spec = training("rlvr")
    request = jobs.runner.build_request(place, spec)
    (tmp_path / "reward.py").write_text("def score(events):\n    return 1 / 0\n")
    with pytest.raises(MlccError) as caught:
        jobs.runner.try_evaluator(place, spec, request, [ROWS["rlvr"]])
    assert "ZeroDivisionError" in caught.value.what


def test_a_judge_is_tried_by_the_job_alone(place, jobs, training, tmp_path):
    spec = training("rlaif", evaluator=evaluator(tmp_path, "rlaif"))
    request = jobs.runner.build_request(place, spec)
    assert jobs.runner.try_evaluator(place, spec, request, [ROWS["rlaif"]]) == ()
    assert jobs.runner.why_untried(place, spec) == "the job alone asks its judge"
    assert jobs.runner.why_untried(place, training("rlvr")) is None


def test_without_the_engine_here_settings_are_one_line(place, jobs, training, bare, refusal):
    spec = training(settings={"weight_decay": 0.5})
    request = jobs.runner.build_request(place, spec)
    error = refusal(jobs.runner.check_settings, place, spec, request)
    assert "needs packages" in error.what
    assert error.hint == install_command("mlcc[local]")


@pytest.mark.slow
def test_settings_are_checked_and_listed_by_the_trainers_config(place, jobs, training, refusal):
    import mlcc_sft

    spec = training(settings={"weight_decay": 0.5, "wiegt_decay": 1})
    request = jobs.runner.build_request(place, spec)
    error = refusal(jobs.runner.check_settings, place, spec, request)
    assert "wiegt_decay" in error.what
    fitting = training(settings={"weight_decay": 0.5}, options={"instance_count": 2})
    request = jobs.runner.build_request(place, fitting)
    assert list(jobs.runner.check_settings(place, fitting, request)) == []
    recipe = mlcc_sft.plugin.mlcc_trainer("trl")
    listed = jobs.runner.list_settings(place, recipe, "lora")
    assert {"weight_decay", "lora_dropout"} <= {setting.name for setting in listed}


@pytest.mark.slow
def test_packages_of_this_machine_do_not_count(place, jobs, training, refusal):
    fitting = training(settings={"optim": "galore_adamw"})
    request = jobs.runner.build_request(place, fitting)
    assert list(jobs.runner.check_settings(place, fitting, request)) == []
    spec = training(settings={"lr_scheduler_type": "cosine_with_min_lr"})
    request = jobs.runner.build_request(place, spec)
    error = refusal(jobs.runner.check_settings, place, spec, request)
    assert "One of min_lr or min_lr_rate should be set" in error.what


def test_the_libraries_are_the_pinned_ones(place, jobs):
    from mlcc_sagemaker.instances.code.requirements import pins

    found = jobs.runner.libraries(place)
    assert found["trl"] == pins()["trl"]
    assert "torch" not in found


def test_tokens_are_counted_with_what_is_here(place, jobs, refusal):
    import mlcc_sft

    recipe = mlcc_sft.plugin.mlcc_trainer("trl")
    with jobs.runner.token_counter(place, "mlcc-tiny", recipe) as counter:
        assert counter.name == "mlcc-tiny"
    assert "is in S3" in refusal(jobs.runner.token_counter, place, "s3://data/x", recipe).what
