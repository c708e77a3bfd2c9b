"""Jobs that exist: read, listed, followed, stopped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mlcc_core import Request
from mlcc_core.actions.following.ends import failure
from mlcc_core.contract.job import JobState
from mlcc_core.contract.platform.runner import JobNotFound
from mlcc_sagemaker.job.metrics import known_name
from mlcc_sagemaker.job.progress import fault_of, progress_of, reason_of, status_of
from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import make_order

pytest.importorskip("sagemaker.core")

NAME = "demo-sft-0badcafe-1"
START = datetime(2026, 1, 1, tzinfo=UTC)


def submit(platform, context, spec, name=NAME):
    platform.runner.submit(context, name, platform.runner.build_request(context, spec))


def test_progress_counts_epochs_from_one_and_steps_within_the_epoch():
    description = {
        "ProgressInfo": {
            "CurrentEpoch": 2,
            "MaxEpoch": 3,
            "CurrentStep": 5,
            "TotalStepCountPerEpoch": 10,
        },
        "SecondaryStatusTransitions": [
            {"Status": "Starting", "StartTime": START},
            {"Status": "Training", "StartTime": START},
        ],
    }
    progress = progress_of(description, START.timestamp() + 30)
    assert (progress.step, progress.steps) == (15, 30)
    assert (progress.epoch, progress.epochs) == (1.5, 3.0)
    assert (progress.rate, progress.seconds_left) == (0.5, 30.0)


@pytest.mark.parametrize(
    "info", [{}, {"MaxEpoch": 2}, {"MaxEpoch": 2, "TotalStepCountPerEpoch": 0, "CurrentStep": 1}]
)
def test_no_progress_before_training(info):
    assert progress_of({"ProgressInfo": info}) is None


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("train:loss", "loss"),
        ("train_loss", "loss"),
        ("training_loss", "loss"),
        ("loss", "loss"),
        ("eval:loss", "held_out_loss"),
        ("eval_loss", "held_out_loss"),
        ("val/loss", "held_out_loss"),
        ("validation_loss", "held_out_loss"),
        ("Validation Loss", "held_out_loss"),
        ("eval_rewards/margins", "held_out_margin"),
        ("eval_rewards/accuracies", "held_out_accuracy"),
        ("val/reward", "held_out_reward"),
        ("rewards/margins", "margin"),
        ("train:learning_rate", "learning_rate"),
        ("train/grad_norm", "grad_norm"),
        ("train_mean_token_accuracy", "mean_token_accuracy"),
        ("eval_grad_norm", "eval_grad_norm"),
        ("value_loss", "value_loss"),
        ("val-core/gsm8k/reward/mean@1", "val-core/gsm8k/reward/mean@1"),
        ("learning_rate", "learning_rate"),
    ],
)
def test_the_names_of_last_numbers(name, known):
    assert known_name(name) == known


def test_last_numbers_without_steps():
    numbers = [("eval_loss", 0.75), ("train_loss", 0.5), ("grad_norm", float("nan"))]
    final = [{"MetricName": name, "Value": value} for name, value in numbers]
    progress = progress_of({"FinalMetricDataList": final})
    assert progress.shown() == [("loss", 0.5), ("held-out loss", 0.75)]
    assert progress.step is None
    assert progress_of({}) is None


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("ClientError: line 3 is not valid JSON", "input"),
        ("AlgorithmError: CUDA out of memory", "platform"),
        ("ClientError: Please use an instance type with more memory", "platform"),
        ("ClientError: the column memory is missing", "input"),
        ("AlgorithmError: ZeroDivisionError", "job"),
        ("ClientError: User x is not authorized to perform: s3:GetObject on y", "permission"),
        ("AccessDeniedException: no", "permission"),
        ("ResourceLimitExceeded: the account-level limit", "quota"),
        ("CapacityError: Unable to provision requested ML compute capacity", "quota"),
        ("InternalServerError: We encountered an internal error", "platform"),
        ("", "job"),
    ],
)
def test_whose_fault_a_failure_is(words, fault):
    assert fault_of(words) == fault


def test_a_job_that_took_too_long():
    description = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}
    reason = reason_of(description, status_of(description))
    assert reason == "it ran longer than allowed (MaxRuntimeExceeded)"
    state = JobState(NAME, "stopped", reason=reason)
    assert failure(state, "again", "").what == f"The job {NAME} was stopped: {reason}"


def test_a_missing_permission_is_named_with_its_mend():
    words = "ClientError: r is not authorized to perform: s3:GetObject on resource: b"
    description = {"TrainingJobStatus": "Failed", "FailureReason": words}
    first, second = reason_of(description, status_of(description)).splitlines()
    assert first == words
    assert second == (
        "The permission s3:GetObject is missing. Provide the permissions with: mlcc bootstrap"
    )


def test_a_key_is_not_for_bootstrap_to_give():
    words = "ClientError: r is not authorized to perform: kms:Decrypt on resource: k"
    description = {"TrainingJobStatus": "Failed", "FailureReason": words}
    second = reason_of(description, status_of(description)).splitlines()[1]
    assert second == (
        "The permission kms:Decrypt is missing. Only the key's owner can give it: let the key's "
        "policy name the role."
    )


def test_a_job_from_start_to_end(account, context, platform):
    app = account.mlflow.add_app("tracking", "data", account.role)
    account.jobs.course = courses.completes(looks=2)  # creating a job is followed by a look
    submit(platform, context, make_order(account))
    states = []
    while not states or not states[-1].final:
        states.append(platform.runner.describe(context, NAME))
    phases = list(dict.fromkeys((state.phase, state.status) for state in states))
    assert phases == [
        ("Starting", "pending"),
        ("Downloading", "pending"),
        ("Training", "running"),
        ("Uploading", "running"),
        ("Completed", "completed"),
    ]
    steps = [state.progress.step for state in states if state.progress]
    assert steps == sorted(steps)
    last = states[-1]
    assert last.artifacts.endswith(f"/demo/tune/sft/{NAME}/output/model")
    assert all(state.artifacts is None for state in states[:-1])
    assert last.progress.step == last.progress.steps
    assert last.started <= last.ended
    assert last.details["console"].endswith(f"#/jobs/{NAME}")
    assert last.details["billable tokens"].replace(",", "").isdigit()
    assert ":model-package/mlcc-demo/1" in last.details["model package"]
    assert app.rpartition("/")[2] in last.details["MLflow experiment"]
    assert "authToken" not in str(last.details)
    assert any("MLflow experiment demo: https://" in line for line in context.said)


def test_the_experiment_is_shown_at_the_servers_own_address(account, context, platform):
    account.mlflow.add_server("tracking", "data", account.role)
    submit(platform, context, make_order(account))
    [told] = [line for line in context.said if line.startswith("📊")]
    server = told.rpartition(" ")[2]
    assert server.startswith("https://tracking.")
    states = [platform.runner.describe(context, NAME)]
    while not states[-1].final:
        states.append(platform.runner.describe(context, NAME))
    shown = [state.details["MLflow experiment"] for state in states]
    assert shown[-1] == f"{server}/#/experiments/1"
    assert "console.aws.amazon.com" in shown[0]
    assert len(account.log.calls("DescribeMlflowTrackingServer")) == 2


def test_a_suggestion_where_there_is_no_mlflow(account, context, platform):
    submit(platform, context, make_order(account))
    assert len([line for line in context.said if "MLFLOW_RESOURCE_ARN" in line]) == 1
    assert not account.log.calls("CreateMlflowApp")


def test_another_process_sees_what_the_job_says(account, context, platform):
    from mlcc_sagemaker import SageMaker

    submit(platform, context, make_order(account))
    reported = SageMaker().runner.describe(context, NAME).reported
    assert reported.technique == "SFT"
    assert reported.training_type == "lora"
    assert reported.hyperparameters["max_epochs"] == 3


def test_a_job_that_is_not_what_was_sent_is_noticed(account, context, platform):
    spec = make_order(account, "rlvr")
    submit(platform, context, spec, "demo-rlvr-0badcafe-1")
    record = account.jobs["demo-rlvr-0badcafe-1"].record
    config = record["ServerlessJobConfig"]
    record["ServerlessJobConfig"] = {**config, "CustomizationTechnique": "SFT"}
    record["HyperParameters"] = {**record["HyperParameters"], "max_epochs": "9", "more": "1"}
    described = platform.runner.describe(context, "demo-rlvr-0badcafe-1").reported
    sent = platform.runner.read_spec(platform.runner.build_request(context, spec).body)
    assert (sent.technique, described.technique) == ("RLVR", "SFT")
    assert described.hyperparameters["max_epochs"] == 9
    assert described.hyperparameters.keys() == sent.hyperparameters.keys()


def test_jobs_are_listed_over_pages_by_how_they_begin(account, context, platform, monkeypatch):
    for index in range(1, 4):
        submit(platform, context, make_order(account), f"demo-sft-0badcafe-{index}")
    submit(platform, context, make_order(account), "my-demo-sft-0badcafe-9")
    names = platform.runner.list_jobs(context, "demo-sft-0badcafe-")
    assert names == [f"demo-sft-0badcafe-{index}" for index in (3, 2, 1)]
    call = account.log.calls("ListTrainingJobs")[-1]
    assert (call.params["SortBy"], call.params["SortOrder"]) == ("CreationTime", "Descending")
    assert len(platform.runner.list_jobs(context, "")) == 4


def test_a_job_is_stopped_and_says_so(account, context, platform):
    account.jobs.course = courses.runs_on()
    submit(platform, context, make_order(account))
    platform.runner.stop(context, NAME)
    state = platform.runner.describe(context, NAME)
    while not state.final:
        state = platform.runner.describe(context, NAME)
    assert (state.status, state.reason) == ("stopped", "it was asked to stop")
    account.log.clear()
    platform.runner.stop(context, NAME)
    assert not account.log.calls("StopTrainingJob")


def test_a_job_that_is_not_there(account, context, platform):
    for ask in (platform.runner.describe, platform.runner.stop):
        with pytest.raises(JobNotFound):
            ask(context, "no-such-job")


def test_a_log_is_read_and_followed_to_the_end(account, context, platform, monkeypatch):
    monkeypatch.setattr("mlcc_sagemaker.job.logs.LOOK_SECONDS", 0.01)
    account.jobs.course = courses.completes(looks=3)
    submit(platform, context, make_order(account))
    assert list(platform.runner.logs(context, NAME, follow=False)) == []
    assert list(platform.runner.logs(context, NAME, follow=True)) == ["Training in progress"]
    waits = f"⏳ {NAME} has logged nothing so far; waiting for its first line."
    assert context.said.count(waits) == 1
    logs = account.account.client("logs")
    stream = {
        "logGroupName": "/aws/sagemaker/TrainingJobs",
        "logStreamName": f"{NAME}/algo-1-1",
    }
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [{"timestamp": now, "message": f"line {i}\n"} for i in range(25)]
    logs.put_log_events(**stream, logEvents=events)
    lines = list(platform.runner.logs(context, NAME, follow=False))
    assert lines[1:] == [f"line {i}" for i in range(25)]


def test_sdk_prints_and_logs_nothing(account, context, platform, capfd, caplog):
    caplog.set_level("DEBUG")
    submit(platform, context, make_order(account, "rlvr"), "demo-rlvr-0badcafe-1")
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    assert not [record for record in caplog.records if record.name.startswith("sagemaker")]
    assert account.trap.hosts == []


def test_defaults_of_the_sdk_do_not_change_a_request(
    account, context, platform, tmp_path, monkeypatch
):
    defaults = tmp_path / "defaults.yaml"
    defaults.write_text(
        "SchemaVersion: '1.0'\nSageMaker:\n  TrainingJob:\n    VpcConfig:\n"
        "      SecurityGroupIds: [sg-1]\n      Subnets: [subnet-1]\n"
    )
    for name in ("SAGEMAKER_USER_CONFIG_OVERRIDE", "SAGEMAKER_CORE_USER_CONFIG_OVERRIDE"):
        monkeypatch.setenv(name, str(defaults))
    request = platform.runner.build_request(context, make_order(account))
    platform.runner.submit(context, NAME, request)
    sent = account.log.only("CreateTrainingJob").params
    assert sent == {"TrainingJobName": NAME, **request.body["CreateTrainingJob"]}
    import os

    assert os.environ["SAGEMAKER_USER_CONFIG_OVERRIDE"] == str(defaults)


def test_the_request_that_is_recalled_last_counts(platform):
    first, second = Request({"n": 1}), Request({"n": 2})
    platform.runner.recall("demo-sft-0badcafe-1", first)
    platform.runner.recall("demo-sft-0badcafe-1", second)
    assert platform.runner.sent("demo-sft-0badcafe-1") is second
