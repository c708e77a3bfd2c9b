"""Commands of the loop one by one: jobs that fail, go on or run beside others, and money."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.test_whole_loop import tune

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")


def test_held_out_rows_reach_the_job_beside_the_others(deployed, account):
    rows = [{"prompt": f"q{n}", "completion": "a"} for n in range(20)]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    account.account.client("s3").put_object(Bucket="data", Key="many.jsonl", Body=data)
    ran = deployed(
        *("tune", "--technique", "sft", "--dataset", "s3://data/many.jsonl"),
        *("--validation", "0.1", "--poll-interval", "0.01"),
    )
    assert ran.code == 0, ran
    assert "Held out: 2 of 20 rows (10 %, by content)" in ran.err
    request = account.log.only("CreateTrainingJob").params
    uris = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in request["InputDataConfig"]
    }
    assert uris.keys() == {"train", "validation"}
    assert not uris["validation"].startswith(uris["train"])
    parts = {}
    for name, uri in uris.items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        (data,) = account.objects(bucket, key).values()  # all that begins so is read by the job
        parts[name] = [json.loads(line) for line in data.splitlines()]
    assert len(parts["validation"]) == 2
    assert parts["train"] == [row for row in rows if row not in parts["validation"]]
    assert account.jobs[request["TrainingJobName"]].status == "Completed"
    assert "held-out loss 0.75" in ran.err
    assert "held-out loss 0.75" in deployed("runs", "list").out
    shown = json.loads(deployed("runs", "show", request["TrainingJobName"], "--json").out)
    assert shown["run"]["metrics"] == {"loss": 0.5, "held_out_loss": 0.75}


def test_the_reward_function_is_tried_before_the_job(ready, account):
    calls = []

    def broken(event, context):
        calls.append(event)
        return {"statusCode": 200, "body": json.dumps([])}

    account.functions.add("reward", broken)
    ran = tune(ready, account, "rlvr")
    assert ran.code == 1
    assert "no score for id" in ran.err
    assert calls
    assert not account.log.calls("CreateTrainingJob")


def test_running_again_follows_the_same_job(ready, account):
    account.jobs.course = courses.completes()
    first = tune(ready, account, "sft", "--no-wait")
    second = tune(ready, account, "sft")
    third = tune(ready, account, "sft")
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert len(account.log.calls("CreateTrainingJob")) == 1
    assert "completed" in third.out


def test_memory_that_ran_out_is_the_platforms_failure(ready, account):
    account.jobs.course = courses.fails("ClientError: reduce the data or use more memory")
    ran = tune(ready, account, "sft")
    assert ran.code == 3
    assert "failed because of the platform: ClientError: reduce the data" in ran.err


def test_a_failed_job_says_why_and_force_starts_another(ready, account):
    account.jobs.course = courses.fails("AlgorithmError: the loss is not finite")
    ran = tune(ready, account, "sft")
    assert ran.code == 2
    assert "AlgorithmError: the loss is not finite" in ran.err
    assert "--force" in ran.err
    account.jobs.course = courses.completes()
    again = tune(ready, account, "sft", "--force")
    assert again.code == 0, again
    assert [job.name[-2:] for job in account.jobs.all()] == ["-1", "-2"]


def test_a_dry_run_writes_nothing(ready, account):
    for technique in ("sft", "rlvr", "rlaif"):
        ran = tune(ready, account, technique, "--dry-run")
        assert ran.code == 0, ran
        assert "CreateTrainingJob" in ran.out
    assert account.log.writing() == []
    assert account.trap.hosts == []


def test_jobs_are_shown_followed_and_stopped(ready, account):
    account.jobs.course = courses.runs_on()
    for technique in ("sft", "dpo"):
        assert tune(ready, account, technique, "--no-wait").code == 0
    shown = json.loads(ready("tune", "--status", "--json").out)["jobs"]
    rows = {row["technique"]: row for row in shown}
    assert {row["status"] for row in rows.values()} <= {"pending", "running"}
    ready("tune", "--status")
    shown = ready("tune", "--status").out
    assert shown.count("running (Training)") == shown.count("step 2/8") == 2
    assert "Training in progress" in ready("logs", "sft").out
    stopped = ready("stop", "sft")
    assert stopped.code == 0, stopped
    ended = tune(ready, account, "sft")
    assert ended.code == 2
    assert "was stopped" in ended.err


def test_money_is_asked_for_and_reminded_of(mlcc, account):
    refused = mlcc("deploy")
    assert refused.code == 1
    assert "1 × ml.g5.2xlarge" in refused.err
    assert "--yes" in refused.err
    assert account.log.writing() == []
    deployed = mlcc("deploy", "--yes")
    assert deployed.code == 0
    assert "mlcc undeploy" in deployed.out
    assert "export ENDPOINT_NAME=demo-endpoint\n" in mlcc.config.read_text()
    account.log.clear()
    asked = mlcc("undeploy")
    assert asked.code == 1
    assert "   the endpoint demo-endpoint (InService)" in asked.err.splitlines()
    assert asked.err.splitlines()[-1] == "   mlcc undeploy --yes"
    assert account.log.writing() == []
    gone = mlcc("undeploy", "--yes")
    assert gone.code == 0
    assert "it costs nothing any more" in gone.out
    assert mlcc("undeploy").out == "ℹ️  Nothing is deployed as demo-endpoint.\n"


def test_the_base_model_is_replaced_by_a_tuned_one(deployed, account):
    assert tune(deployed, account, "sft", "--training-type", "full-rank").code == 0
    [job] = account.jobs.all()
    words = ("--force-ic", "--model-data", job.artifacts, "--yes")
    replaced = deployed("deploy", *words)
    assert replaced.code == 0, replaced
    assert account.log.only("UpdateInferenceComponent")
