"""Jobs whose container prints what trainings print, step by step, as a test lets it."""

from __future__ import annotations

import json
import time

import pytest

from mlcc_core import Context
from mlcc_engine.container.hyperparameters import as_hyperparameters
from mlcc_engine.request import Request
from mlcc_sagemaker.instances.runner import InstanceJobs
from tests.aws_account.containers.job_requests import instance_request
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, Ran, furnished

NAME = "demo-sft-1a2b3c4d-1"
CHECKPOINTS = f"s3://data/out/{NAME}/checkpoints/"

PROGRAM = """
import json, sys, time
from pathlib import Path

ML = Path(ML)
(plan,) = ML.glob("input/data/plan/*")
plan = json.loads(plan.read_text())

def say(mark, **document):
    print(f"mlcc-{mark} " + json.dumps(document), flush=True)

def end(state, code, **more):
    say("result", state=state, **more)
    if code:
        (ML / "output" / "failure").write_text(more.get("reason", ""))
    sys.exit(code)

kept = ML / "checkpoints"
saved = [int(p.parent.name.split("-")[1]) for p in kept.glob("step-*/manifest.json")]
say("state", state="loading")
print("people read this", flush=True)
for text in plan.get("warnings", ()):
    say("warning", warning=text)
say("state", state="training")
for step in range(max(saved, default=0) + 1, plan["steps"] + 1):
    say("progress", step=step, steps=plan["steps"], loss=1 / step, time=time.time())
    if step in plan.get("saves", ()):
        (kept / f"step-{step}").mkdir()
        (kept / f"step-{step}" / "manifest.json").write_text("{}")
    if step == plan.get("fails_at"):
        end("failed", **plan["failure"])
    while step == plan.get("waits_at") and not (ML / "go").exists():
        time.sleep(0.02)
(ML / "model" / "checkpoints" / "hf").mkdir(parents=True)
(ML / "model" / "checkpoints" / "hf" / "adapter_config.json").write_text("{}")
if plan.get("silent"):
    (ML / "model" / "mlcc").mkdir()
    result = {"state": "completed", "metrics": {"held_out_loss": 2.5}}
    (ML / "model" / "mlcc" / "result.json").write_text(json.dumps(result))
    sys.exit(0)
end("completed", 0, metrics={"held_out_loss": 0.25}, warnings=plan.get("warnings", []))
"""


@pytest.fixture
def context(aws, tmp_path):
    said: list[str] = []
    settings = {**aws.environment, "ROLE_ARN": aws.role, "TUNE_S3_BUCKET": "data"}
    context = Context(root=tmp_path, project="demo", settings=settings, say=said.append)
    object.__setattr__(context, "said", said)
    return context


@pytest.fixture
def runner():
    return InstanceJobs()


@pytest.fixture
def create(aws):
    """Creates the job ``NAME``, whose container does what a plan says."""

    def create(spot=False, members=None, **plan):
        request = instance_request(
            aws,
            PROGRAM,
            TrainingJobName=NAME,
            HyperParameters=as_hyperparameters(
                Request(
                    job="",
                    technique="sft",
                    trainer="trl:SFTTrainer",
                    model="org/model",
                    training_type="lora",
                    dataset="",
                    output="",
                )
            ),
            CheckpointConfig={"S3Uri": CHECKPOINTS, "LocalPath": "/opt/ml/checkpoints"},
            Tags=[{"Key": "team", "Value": "red"}],
        )
        aws.account.client("s3").put_object(
            Bucket="data", Key="plan/plan.json", Body=json.dumps(plan).encode()
        )
        source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/plan/"}
        channel = {"ChannelName": "plan", "DataSource": {"S3DataSource": source}}
        request["InputDataConfig"] = [*request["InputDataConfig"], channel]
        if spot:
            waits = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
            request |= {"EnableManagedSpotTraining": True, "StoppingCondition": waits}
        aws.client("sagemaker").create_training_job(**{**request, **(members or {})})
        aws.log.clear()

    return create


@pytest.fixture
def watch(runner, context):
    """Looks until a state is as wanted; returns every state that was seen."""

    def watch(wanted=lambda state: state.final, seconds=60):
        states, until = [], time.monotonic() + seconds
        while not states or not wanted(states[-1]):
            assert time.monotonic() < until, states[-1:]
            states.append(runner.describe(context, NAME))
            time.sleep(0.02)
        return states

    return watch


@pytest.fixture
def saved(aws):
    """Waits until a checkpoint is in S3."""

    def saved(step):
        until, name = time.monotonic() + 30, f"step-{step}/manifest.json"
        while not any(key.endswith(name) for key in aws.objects("data", "out/")):
            assert time.monotonic() < until, name
            time.sleep(0.02)

    return saved


@pytest.fixture
def project(aws, tmp_path, monkeypatch, capsys):
    """Runs ``mlcc`` in a project that trains the tiny model on instances."""
    from mlcc_core.cli.main import run
    from tests.plugins.mlcc_sagemaker.installed import make_installable

    site = make_installable(tmp_path / "site")
    if site is not None:
        monkeypatch.syspath_prepend(str(site))
    furnished(aws)
    folder = tmp_path / "project"

    def command(*words):
        capsys.readouterr()
        code = run(words)
        out, err = capsys.readouterr()
        return Ran(int(code), out, err)

    words = ("--platform", "sagemaker_jobs", "--model", "mlcc-tiny", "--name", "demo")
    made = command("init", str(folder), *words)
    assert made.code == 0, made
    monkeypatch.setenv("MLCC_PROJECT", str(folder))
    with (folder / "do" / "config").open("a") as file:
        file.write(
            f"export ROLE_ARN={aws.role}\nexport TUNE_S3_BUCKET={BUCKET}\n"
            "export TRAIN_INSTANCE_TYPE=ml.g5.xlarge\n"
        )
    command.folder = folder
    return command


TUNE = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--poll-interval", "0.02")


def at_step(step):
    return lambda state: state.progress is not None and state.progress.step == step


def trains(state):
    return state.phase == "Training"
