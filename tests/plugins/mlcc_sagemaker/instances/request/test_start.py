"""Outputs in S3 that jobs on instances go on from: of either platform, or copies."""

from __future__ import annotations

import json

import pytest

from mlcc_core.actions.tune.job.proof import differences
from mlcc_core.contract.job import Ancestor
from mlcc_engine.start import content
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_order

BASE = {"format": 1, "asked": "org/name", "hub_id": "org/name", "folder": None, "run": None}
LINEAGE = {
    "format": 1,
    "job": "demo-dpo-1",
    "technique": "dpo",
    "kind": "adapter",
    "from": [
        {"job": "demo-sft-1", "technique": "sft", "kind": "adapter", "path": "demo-sft-1"}
        | {"fingerprint": "5f0c"}
    ],
}


@pytest.fixture
def adapter(account):
    """An output of the engine: an adapter with what it writes beside it."""
    documents = {"base_model.json": BASE, "mlcc_lineage.json": LINEAGE}
    beside = {f"checkpoints/hf/{name}": json.dumps(d).encode() for name, d in documents.items()}
    put(account, "out/", outputs.adapter("/root/base") | beside)
    return f"s3://{BUCKET}/out"


def test_an_adapter_names_its_base_and_the_runs_before_it(jobs, place, adapter):
    start = jobs.runner.find_start(place, adapter, None)
    assert start.output.path == f"{adapter}/checkpoints/hf/"
    assert (start.output.kind, start.model) == ("adapter", "org/name")
    assert start.fingerprint.startswith(content.LISTED)
    before, own = start.lineage
    assert before == Ancestor("adapter", "demo-sft-1", "5f0c", "demo-sft-1", "sft")
    assert own == Ancestor("adapter", start.output.path, start.fingerprint, "demo-dpo-1", "dpo")
    assert start == jobs.runner.find_start(place, start.output.path, None)


def test_other_weights_are_another_start(jobs, place, account, adapter):
    before = jobs.runner.find_start(place, adapter, None)
    changed = outputs.adapter("x", rank=4)
    name = "checkpoints/hf/adapter_model.safetensors"
    put(account, "out/", {name: changed[name]})
    assert jobs.runner.find_start(place, adapter, None).fingerprint != before.fingerprint


def test_the_base_that_the_user_names_counts(jobs, place, adapter):
    assert jobs.runner.find_start(place, adapter, "mlcc-tiny").model == "mlcc-tiny"


def test_an_adapter_of_a_serverless_job_is_of_the_models_hub_id(account, platform, jobs, tmp_path):
    from tests.plugins.mlcc_sagemaker.conftest import make_context

    account.changes.looks = 0
    known = make_context(tmp_path, account, hub_id={QWEN: "Qwen/Qwen3-0.6B"}.get)
    request = platform.runner.build_request(known, make_order(account))
    platform.runner.submit(known, "demo-sft-0badcafe-1", request)
    state = platform.runner.describe(known, "demo-sft-0badcafe-1")
    while not state.final:
        state = platform.runner.describe(known, "demo-sft-0badcafe-1")
    start = jobs.runner.find_start(known, state.artifacts, None)
    assert start.model == "Qwen/Qwen3-0.6B"
    assert start.lineage[-1].job == "demo-sft-0badcafe-1"


def test_an_adapter_on_a_model_in_s3_is_known_by_its_job(jobs, place, account, training):
    put(account, "models/mine/", outputs.full_model("x", ""), "data")
    account.containers.runs = False
    spec = training(model="s3://data/models/mine")
    jobs.runner.submit(place, "demo-sft-1-1", jobs.runner.build_request(place, spec))
    put(account, "demo/tune/sft/demo-sft-1-1/output/model/", outputs.adapter("/opt/ml/x"))
    output = f"s3://{BUCKET}/demo/tune/sft/demo-sft-1-1/output/model"
    assert jobs.runner.find_start(place, output, None).model == "s3://data/models/mine/"


def test_an_adapter_whose_base_is_named_nowhere(jobs, place, account, refusal):
    put(account, "odd/", outputs.adapter("/root/base"))
    error = refusal(jobs.runner.find_start, place, f"s3://{BUCKET}/odd", None)
    assert "is named nowhere" in error.what
    assert error.hint.startswith("pass --model")


def test_a_whole_model_takes_the_place_of_the_model(jobs, place, account, training):
    put(account, "whole/", outputs.full_model("x", "checkpoints/hf_merged/"))
    start = jobs.runner.find_start(place, f"s3://{BUCKET}/whole", None)
    assert (start.output.kind, start.model) == ("model", start.output.path)
    spec = training(start=start, model=start.model)
    body = jobs.runner.build_request(place, spec).body
    names = [c["ChannelName"] for c in body["CreateTrainingJob"]["InputDataConfig"]]
    assert names == ["code", "train", "start"]
    assert differences(spec, jobs.runner.read_spec(body)) == []


def test_a_job_that_goes_on_has_the_start_in_a_channel(jobs, place, adapter, training):
    start = jobs.runner.find_start(place, adapter, "mlcc-tiny")
    spec = training("dpo", start=start)
    body = jobs.runner.build_request(place, spec).body
    channel = body["CreateTrainingJob"]["InputDataConfig"][-1]
    assert channel["ChannelName"] == "start"
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == start.output.path
    reported = jobs.runner.read_spec(body)
    assert differences(spec, reported) == []
    assert reported.start_fingerprint == start.fingerprint


def test_another_shape_than_the_starts_is_refused(jobs, place, adapter, training, refusal):
    start = jobs.runner.find_start(place, adapter, "mlcc-tiny")
    spec = training(start=start, hyperparameters={"lora_rank": 4})
    error = refusal(jobs.runner.build_request, place, spec)
    assert "does not fit the start, an adapter with 8" in error.what


def test_a_start_that_is_gone(jobs, place, account, adapter, training, refusal):
    start = jobs.runner.find_start(place, adapter, "mlcc-tiny")
    s3 = account.account.client("s3")
    for key in account.objects(BUCKET, "out/"):
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert "is gone" in refusal(jobs.runner.build_request, place, training(start=start)).what


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("./adapter", "is not in S3"),
        (f"s3://{BUCKET}/none", "holds neither a LoRA adapter nor a model"),
        ("s3://no-such-bucket-here/x", "holds no"),
        ("arn:aws:sagemaker:us-east-1:123456789012:model-package/mlcc-demo/1", "model package"),
    ],
)
def test_what_is_no_start(jobs, place, refusal, path, words):
    assert words in refusal(jobs.runner.find_start, place, path, None).what


def test_several_adapters_are_told_apart_by_the_user(jobs, place, account, refusal):
    for folder in ("a/", "b/"):
        put(account, "many/", outputs.adapter("org/name", under=folder))
    error = refusal(jobs.runner.find_start, place, f"s3://{BUCKET}/many", None)
    assert "holds several adapters" in error.what
    assert jobs.runner.find_start(place, f"s3://{BUCKET}/many/b", None).model == "org/name"
