"""Weights before their import: found, mended for Bedrock, copied, uploaded once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_sagemaker.bedrock.weights.mending import mended, mended_config
from mlcc_sagemaker.bedrock.weights.placing import place
from mlcc_sagemaker.bedrock.weights.source import find_source
from mlcc_sagemaker.bedrock.weights.supported import (
    FAMILIES,
    GB,
    ModelFiles,
    check_model,
    remarks,
)
from tests.aws_account.bedrock.imports import ARCHITECTURES
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL, archive, put
from tests.plugins.mlcc_sagemaker.bedrock.conftest import config_of
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN

KEY = "out/model/checkpoints/hf_merged/"
NEWER = config_of(
    torch_dtype=None,
    rope_theta=None,
    dtype="bfloat16",
    rope_parameters={"rope_theta": 500000.0, "rope_type": "default"},
)


def read(account, uri):
    key = uri.removeprefix(f"s3://{BUCKET}/")
    return {name.removeprefix(key): data for name, data in account.objects(BUCKET, key).items()}


def test_the_stand_in_takes_what_we_take():
    assert frozenset(FAMILIES) == ARCHITECTURES


def test_a_model_in_s3_is_imported_as_it_is(around, stored):
    source = find_source(around, MODEL)
    placed = place(around, source, "us-east-1")
    assert placed.uri == f"s3://{BUCKET}/{KEY}"
    assert stored.log.writing() == []


def test_configs_of_newer_libraries_are_mended_in_a_copy(around, stored):
    put(stored, KEY, {"config.json": NEWER, "chat_template.jinja": b"{{ messages }}"})
    put(stored, KEY, {"tokenizer_config.json": b"{}"})
    placed = place(around, find_source(around, MODEL), "us-east-1")
    assert placed.uri.startswith(f"s3://{BUCKET}/demo/imports/")
    files, before = read(stored, placed.uri), read(stored, f"s3://{BUCKET}/{KEY}")
    config = json.loads(files["config.json"])
    assert (config["torch_dtype"], config["rope_theta"]) == ("bfloat16", 500000.0)
    assert json.loads(files["tokenizer_config.json"])["chat_template"] == "{{ messages }}"
    assert files["model.safetensors"] == before["model.safetensors"]
    assert json.loads(before["config.json"]) == json.loads(NEWER)
    stored.log.clear()
    assert place(around, find_source(around, MODEL), "us-east-1") == placed
    assert stored.log.writing() == []


def local_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "whole"
    folder.mkdir()
    for name, data in outputs.full_model(QWEN, "").items():
        (folder / name).write_bytes(data)
    (folder / "config.json").write_bytes(NEWER)
    return folder


def test_a_folder_of_this_machine_is_uploaded_once(around, stored, tmp_path):
    folder = local_folder(tmp_path)
    stored.inject("s3:PutObject", "denied", after=2)
    with pytest.raises(MlccError):
        place(around, find_source(around, str(folder)), "us-east-1")
    stored.log.clear()
    placed = place(around, find_source(around, str(folder)), "us-east-1")
    files = read(stored, placed.uri)
    assert files["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    assert json.loads(files["config.json"])["torch_dtype"] == "bfloat16"
    manifest = json.loads(read(stored, placed.uri.rstrip("/"))[".json"])
    assert manifest["architecture"] == "LlamaForCausalLM"
    stored.log.clear()
    assert place(around, find_source(around, str(folder)), "us-east-1") == placed
    assert stored.log.writing() == []
    (folder / "tokenizer_config.json").write_bytes(b'{"a": 1}')
    assert place(around, find_source(around, str(folder)), "us-east-1").uri != placed.uri


def test_an_archive_in_s3_is_unpacked(around, stored):
    put(stored, "", {"out/model.tar.gz": archive(outputs.full_model(QWEN, ""))})
    source = find_source(around, f"s3://{BUCKET}/out/model.tar.gz")
    placed = place(around, source, "us-east-1")
    assert "model.safetensors" in read(stored, placed.uri)


def test_an_adapter_that_cannot_be_merged_here(around, stored):
    source = find_source(around, ADAPTER)
    assert source.adapter
    with pytest.raises(MlccError, match="Bedrock imports whole models") as caught:
        place(around, source, "us-east-1")
    assert caught.value.hint
    assert stored.log.writing() == []


def test_a_merged_model_comes_before_the_adapter_beside_it(around, stored):
    put(stored, "both/", outputs.adapter(QWEN) | outputs.full_model(QWEN, "checkpoints/hf_merged/"))
    source = find_source(around, f"s3://{BUCKET}/both/")
    assert not source.adapter
    assert source.shown.endswith("both/checkpoints/hf_merged/")


@pytest.mark.parametrize("weights", ["no/such/folder", f"s3://{BUCKET}/nothing/"])
def test_there_is_nothing(around, stored, weights):
    with pytest.raises(MlccError):
        find_source(around, weights)


@pytest.mark.parametrize(
    ("config", "sizes", "what"),
    [
        ({}, {"model.safetensors": 201 * GB}, "its weights have 201 GB, expected at most 200 GB"),
        ({"vision_config": {}}, {"model.safetensors": 101 * GB}, "expected at most 100 GB"),
        ({}, {}, "it has no weights"),
    ],
)
def test_limits_of_size(config, sizes, what):
    files = {"tokenizer_config.json": 1, "tokenizer.json": 1, **sizes}
    model = ModelFiles("here", {"architectures": ["LlamaForCausalLM"], **config}, files)
    with pytest.raises(MlccError, match=what):
        check_model(model, "us-east-1", "--model-data")


def test_gpt_oss_is_taken_quantized_and_in_one_region():
    files = {"tokenizer_config.json": 1, "tokenizer.json": 1, "model.safetensors": 1}
    config = {
        "architectures": ["GptOssForCausalLM"],
        "quantization_config": {"quant_method": "mxfp4"},
        "max_position_embeddings": 1_000_000,
    }
    model = ModelFiles("here", config, files)
    check_model(model, "us-east-1", "--model-data")
    with pytest.raises(MlccError, match="is taken in us-east-1 alone"):
        check_model(model, "us-west-2", "--model-data")
    assert "1,000,000 tokens" in next(remarks(model))


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
ROPES = st.dictionaries(st.sampled_from(["rope_theta", "rope_type", "factor"]), SCALARS)
CONFIGS = st.dictionaries(st.sampled_from(["torch_dtype", "rope_theta", "x"]), SCALARS)


@given(CONFIGS, ROPES, st.booleans())
def test_mending_keeps_what_is_there_and_changes_nothing_twice(config, ropes, newer):
    given_config = {**config, **({"rope_parameters": ropes, "dtype": "float16"} if newer else {})}
    once = mended_config(given_config)
    assert given_config.items() <= once.items()
    assert mended_config(once) == once


def test_scaled_positions_are_kept():
    ropes = {"rope_theta": 1.0, "rope_type": "llama3", "factor": 8.0}
    assert mended_config({"rope_parameters": ropes})["rope_scaling"] == {
        "rope_type": "llama3",
        "factor": 8.0,
    }
    by_layer = {"rope_parameters": {"full_attention": {"rope_theta": 1.0}}}
    assert mended_config(by_layer) == by_layer


@pytest.mark.parametrize("data", [b"", b"[]", b"{"])
def test_a_damaged_config(data):
    with pytest.raises(MlccError, match="is not a JSON object"):
        mended(lambda name: data, frozenset({"config.json"}), "here")
