"""Adapters and whole models on the base model: found, packed, refused, named."""

from __future__ import annotations

import io
import os
import tarfile

import pytest

from mlcc_core.errors import MlccError, PlatformError
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL, archive, put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_context

MIB = 1 << 20


def test_an_adapter_that_fails_is_removed_again(served, context, platform):
    served.changes.failures["tuned"] = "the rank is too high"
    with pytest.raises(PlatformError, match="the rank is too high"):
        platform.serving.add_adapter(context, "tuned", ADAPTER)
    served.changes.failures.clear()
    assert platform.serving.add_adapter(context, "tuned", ADAPTER).status == "InService"


def test_an_adapter_is_nothing_but_its_artifact(served, context, platform):
    added = platform.serving.add_adapter(context, "tuned", f"{ADAPTER}/")
    request = served.log.only("CreateInferenceComponent").params
    assert request["Specification"] == {
        "BaseInferenceComponentName": "demo-endpoint-base",
        "Container": {"ArtifactUrl": added.source},
    }
    assert added.source.endswith("/adapter.tar.gz")
    assert "VariantName" not in request
    assert "RuntimeConfig" not in request


def test_the_same_adapter_is_packed_once(served, context, platform):
    first = platform.serving.add_adapter(context, "one", ADAPTER)
    served.log.clear()
    second = platform.serving.add_adapter(context, "two", ADAPTER)
    assert first.source == second.source
    assert not served.log.calls("s3:PutObject")
    names = [adapter.name for adapter in platform.serving.deployed(context)]
    assert names == ["one", "two"]


def test_an_archive_is_taken_as_it_is(served, context, platform):
    put(served, "out/", {"adapter.tar.gz": archive(outputs.adapter(QWEN, under=""))})
    added = platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/adapter.tar.gz")
    assert added.source == f"s3://{BUCKET}/out/adapter.tar.gz"


@pytest.mark.parametrize(
    ("weights", "words", "hint"),
    [
        ("/tmp/adapter", "is not in S3", "aws s3 cp"),
        (f"s3://{BUCKET}/nothing", "holds no LoRA adapter", "aws s3 ls"),
        (f"s3://{BUCKET}/nothing.tar.gz", "holds no LoRA adapter", "aws s3 ls"),
        ("s3://no-such-bucket/x", "holds no LoRA adapter", "aws s3 ls"),
        (MODEL, "a full model, not a LoRA adapter", "./do/add-ic NAME"),
        (f"s3://{BUCKET}/out/model.tar.gz", "a full model, not", "./do/add-ic NAME"),
        (f"s3://{BUCKET}/out/half", "adapter_model.safetensors is missing", "aws s3 ls"),
        (f"s3://{BUCKET}/out/other", "belongs to other-model", "MODEL_ID=other-model"),
    ],
)
def test_what_is_no_adapter(served, context, platform, weights, words, hint):
    put(served, "out/", {"model.tar.gz": archive(outputs.full_model(QWEN, "m/"))})
    files = outputs.adapter(QWEN, under="")
    put(served, "out/half/", {"adapter_config.json": files["adapter_config.json"]})
    put(served, "out/other/", outputs.adapter("other-model", under=""))
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(context, "tuned", weights)
    assert words in caught.value.what
    assert hint in (caught.value.hint or "")
    assert not served.log.calls("CreateInferenceComponent")


def test_an_adapter_beside_a_merged_model_is_found(served, context, platform):
    put(served, "out/both/", outputs.adapter(QWEN, under="checkpoints/hf/"))
    put(served, "out/both/", outputs.full_model(QWEN, "checkpoints/hf_merged/"))
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/both")
    platform.serving.add_component(context, "whole", f"s3://{BUCKET}/out/both")
    kinds = {adapter.name: adapter.kind for adapter in platform.serving.deployed(context)}
    assert kinds == {"tuned": "adapter", "whole": "model"}


def test_several_adapters_are_listed(served, context, platform):
    for step in (100, 200):
        put(served, "out/steps/", outputs.adapter(QWEN, under=f"step-{step}/"))
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/steps")
    assert len(caught.value.detail) == 2
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/steps/step-200")


def test_a_name_that_is_taken(served, context, platform, tmp_path):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    with pytest.raises(MlccError, match="is taken"):
        platform.serving.add_adapter(context, "tuned", ADAPTER)
    with pytest.raises(MlccError, match="is taken"):
        platform.serving.add_component(context, "tuned", MODEL)
    other = make_context(tmp_path, served, project="other")
    platform.serving.deploy(other, None)
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(other, "tuned", ADAPTER)
    assert caught.value.hint == "choose another name"
    with pytest.raises(MlccError, match="Unknown adapter"):
        platform.serving.remove_adapter(other, "tuned")


def test_large_weights_are_packed_in_parts(served, context, platform, monkeypatch):
    monkeypatch.setattr("mlcc_aws.uploads.PART_BYTES", 5 * MIB)
    big = outputs.adapter(QWEN, under="")
    big["adapter_model.safetensors"] += os.urandom(12 * MIB)
    put(served, "out/big/", big)
    added = platform.serving.add_adapter(context, "big", f"s3://{BUCKET}/out/big")
    assert len(served.log.calls("s3:UploadPart")) == 3
    key = added.source.removeprefix(f"s3://{BUCKET}/")
    with tarfile.open(fileobj=io.BytesIO(served.objects(BUCKET, key)[key])) as packed:
        files = {member.name: packed.extractfile(member).read() for member in packed}
    assert files == big
