"""The tiny model trained on instances that are taken back; deployed, asked and compared.

By the commands of a user, in a project whose platform is ``sagemaker``: ``./do/train`` goes to
``sagemaker_jobs``, which trains any model. The engine runs in its container, installed from the
job's own wheel.
"""

from __future__ import annotations

import json

import pytest

from tests.libs.mlcc_engine.rl import DIGITS
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable

pytest.importorskip("sagemaker.core")
pytest.importorskip("trl")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MODEL = f"s3://{BUCKET}/models/small/"

WORDS = {
    "sft": ("--epochs", "4", "--validation", "2", "--eval-every", "5"),
    "rlvr": (
        *("--epochs", "2", "--reward-function", "reward.py", "--max-response-length", "8"),
        *("--set", "num_generations=2"),
    ),
}
ROWS = {
    "sft": [{"prompt": f"{n} + {n} =", "completion": f"{n + n}"} for n in range(12)],
    "rlvr": [{"prompt": f"{n} + {n} =", "reference_answer": f"{n + n}"} for n in range(12)],
}


@pytest.fixture
def train(account, mlcc, tmp_path):
    """Trains a copy of the tiny model in S3 by a technique, with further words."""
    from mlcc_engine.model import tiny

    folder = tiny.ensure(tmp_path / "models")
    put(account, "models/small/", {path.name: path.read_bytes() for path in folder.iterdir()})
    set_variable(mlcc, MODEL_ID=MODEL, TRAIN_INSTANCE_TYPE="ml.g5.xlarge")
    (mlcc.project / "reward.py").write_text(DIGITS)
    for technique, rows in ROWS.items():
        path = mlcc.project / f"{technique}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def train(technique, *more):
        dataset = mlcc.project / f"{technique}.jsonl"
        words = ("--technique", technique, "--dataset", str(dataset), "--batch-size", "2")
        looks = ("--poll-interval", "0.1", "--checkpoint-every", "3")
        return mlcc("train", *words, *WORDS[technique], *looks, *more)

    return train


def starts(account):
    """The steps that each start of a job has logged, oldest first."""
    logs, group = account.account.client("logs"), "/aws/sagemaker/TrainingJobs"
    events = logs.filter_log_events(logGroupName=group, limit=10_000)["events"]
    steps = {}
    for event in events:
        if event["message"].startswith("mlcc-progress "):
            line = json.loads(event["message"].removeprefix("mlcc-progress "))
            steps.setdefault(event["logStreamName"], []).append(line.get("step", 0))
    return [steps[stream] for stream in sorted(steps, key=lambda name: name.rpartition("-")[2])]


def record_of(mlcc):
    (path,) = (mlcc.project / ".mlcc" / "runs").glob("*.json")
    return json.loads(path.read_text())


def taken_back_once(train, account, mlcc, technique, hosts, *more):
    """Train on spot instances that are killed after a checkpoint; return the run's record."""
    account.containers.once_saved("manifest.json", "take")
    ran = train(technique, "--spot", "--instance-count", str(hosts), *more)
    assert ran.code == 0, ran
    (job,) = account.jobs.all()
    first, second = starts(account)
    assert first[0] == 0
    assert second[0] >= 3, (first, second)  # from a checkpoint
    assert f"step {second[-1]}/{second[-1]}" in ran.err, ran
    assert "The spot instance was taken back at " in ran.err
    assert "spot instances taken back: 1" in ran.out, ran
    output = f"demo/tune/{technique}/{job.name}/output/model/"
    assert {f"{output}checkpoints/hf/adapter_model.safetensors", f"{output}mlcc/result.json"} <= {
        *account.objects(BUCKET, output)
    }
    assert account.objects(BUCKET, f"demo/tune/{technique}/{job.name}/checkpoints/") == {}
    record = record_of(mlcc)
    assert (record["job"], record["status"]) == (job.name, "completed")
    assert record["output"] == {"kind": "adapter", "path": f"s3://{BUCKET}/{output[:-1]}"}
    count = f"{hosts} × " if hosts > 1 else ""
    assert record["spent"]["charges"][0]["what"] == f"training on {count}ml.g5.xlarge (spot)"
    assert account.trap.hosts == []
    return record


def deployed_and_asked(account, mlcc, job, technique):
    """Deploy the base, add the run's adapter, ask it, compare it with the base, remove all."""
    base = mlcc("deploy", "--yes", "--instance-type", "ml.g6.2xlarge")
    assert base.code == 0, base
    added = mlcc("adapter", "add", "tuned", "--from-tune", technique)
    assert added.code == 0, added
    assert job in added.out
    asked = mlcc("test", "2 + 2 =", "--adapter", "tuned")
    assert asked.code == 0, asked
    assert "tuned says: 2 + 2 =" in asked.out
    rows = mlcc.project / "unseen.jsonl"
    rows.write_text('{"prompt": "20 + 7 =", "completion": "27"}\n' * 3)
    compared = mlcc("evaluate", job, "--dataset", str(rows), "--metric", "exact_match")
    assert compared.code == 0, compared
    assert f"{job} against base" in compared.out
    assert mlcc("undeploy", "--yes").code == 0
    assert account.serving.endpoints == {}


def test_sft_is_taken_back_deployed_and_asked(train, account, mlcc):
    record = taken_back_once(train, account, mlcc, "sft", 1)
    assert record["metrics"]["held_out_loss"] > 0
    deployed_and_asked(account, mlcc, record["job"], "sft")
    shown = mlcc("runs", "show", record["job"])
    assert "against base: Exact match" in shown.out, shown.out
    told = mlcc("logs", "sft", "--follow")
    assert "going on from the checkpoint at step" in told.out, told
    assert "mlcc-progress" not in told.out


def test_rlvr_on_two_instances_is_taken_back(train, account, mlcc):
    record = taken_back_once(train, account, mlcc, "rlvr", 2)
    assert "reward" in record["metrics"]
    assert mlcc("runs", "remove", record["job"], "--yes").code == 0
    assert account.objects(BUCKET, "demo/tune/") == {}


@pytest.mark.full
def test_sft_on_two_instances_is_taken_back(train, account, mlcc):
    taken_back_once(train, account, mlcc, "sft", 2)


@pytest.mark.full
def test_an_instance_dies_and_the_same_command_goes_on(train, account, mlcc):
    account.containers.once_saved("manifest.json", "lose")
    ran = train("rlvr")
    assert ran.code == 3, ran
    assert "was interrupted: InternalServerError" in ran.err
    assert "goes on from step" in ran.err
    ran = train("rlvr")
    assert ran.code == 0, ran
    first, second = account.jobs.all()
    assert second.name == f"{first.name}-c2"
    record = record_of(mlcc)
    assert record["output"]["path"].endswith(f"/{second.name}/output/model")
    deployed_and_asked(account, mlcc, record["job"], "rlvr")
