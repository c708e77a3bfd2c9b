"""Requests that containers follow: what is sent along is found, imported and gone on from."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from mlcc_core.contract.job import DatasetRef
from mlcc_sagemaker.instances.code.requirements import pins
from tests.plugins.mlcc_sagemaker.instances.conftest import evaluator

pytest.importorskip("sagemaker.core")

pytestmark = pytest.mark.slow

PATIENCE = 240
FEW = {"num_train_epochs": 1, "max_length": 64}


@pytest.fixture
def run(account, place, jobs):
    """Runs a training in a container; returns where its output is."""

    def of(name, spec):
        jobs.runner.submit(place, name, jobs.runner.build_request(place, spec))
        end = time.monotonic() + PATIENCE
        while not (state := jobs.runner.describe(place, name)).final:
            assert time.monotonic() < end, state
            time.sleep(0.5)
        log = "\n".join(jobs.runner.logs(place, name, follow=False))
        assert state.status == "completed", f"{state.reason}\n{log}"
        return state.artifacts

    return of


def package(folder, name):
    """A wheel of one module, as pip takes it."""
    memory = io.BytesIO()
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(f"{name}.py", "FULL = 1.0\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    (folder / f"{name}-1.0-py3-none-any.whl").write_bytes(memory.getvalue())


REWARD = """
import json

import rewarding_package
from helpers.marks import mark


def score(events):
    full = rewarding_package.FULL
    scores = [{"id": e["id"], "aggregate_reward_score": full * mark(e)} for e in events]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""
MARKS = "def mark(event):\n    return len(event['messages'][-1]['content']) % 2\n"


def test_a_reward_function_finds_its_modules_and_packages_without_an_index(
    account, run, training, tmp_path
):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    package(wheels, "rewarding_package")
    for name, version in pins().items():  # the image has them; only their names are looked at
        (wheels / f"{name.replace('-', '_')}-{version}-py3-none-any.whl").touch()
    (tmp_path / "more.txt").write_text("rewarding-package\n")
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("")
    (tmp_path / "helpers" / "marks.py").write_text(MARKS)
    (tmp_path / "mine.py").write_text(REWARD)
    spec = training(
        "rlvr",
        evaluator=evaluator(tmp_path, "rlvr", "mine.py:score"),
        dataset=DatasetRef("s3://data/rlvr.jsonl", "f1", 12),
        hyperparameters={"max_steps": 1, "max_completion_length": 8},
        options={"packages": str(tmp_path / "more.txt"), "wheels": str(wheels)},
    )
    output = run("demo-rlvr-1a2b3c4d-1", spec)
    bucket, _, prefix = output.removeprefix("s3://").partition("/")
    assert any(key.endswith("adapter_model.safetensors") for key in account.objects(bucket, prefix))


@pytest.mark.full
def test_a_model_in_s3_is_trained_and_gone_on_from(place, jobs, run, training):
    whole = run("demo-sft-1a2b3c4d-1", training(hyperparameters=FEW, training_type="full-rank"))
    model = f"{whole}/checkpoints/hf_merged/"
    adapter = run("demo-sft-2a2b3c4d-1", training(hyperparameters=FEW, model=model))
    start = jobs.runner.find_start(place, adapter, None)
    assert (start.output.kind, start.model) == ("adapter", model)
    more = training(hyperparameters=FEW, model=start.model, start=start)
    run("demo-sft-3a2b3c4d-1", more)


@pytest.mark.full
def test_a_whole_model_is_gone_on_from(place, jobs, run, training):
    whole = run("demo-sft-1a2b3c4d-1", training(hyperparameters=FEW, training_type="full-rank"))
    start = jobs.runner.find_start(place, whole, None)
    assert start.output.kind == "model"
    run("demo-sft-2a2b3c4d-1", training(hyperparameters=FEW, model=start.model, start=start))


@pytest.mark.full
def test_two_instances_share_the_rows(run, training):
    run("demo-sft-1a2b3c4d-1", training(hyperparameters=FEW, options={"instance_count": 2}))
