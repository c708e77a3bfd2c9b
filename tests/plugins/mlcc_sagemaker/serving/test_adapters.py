"""Adapters and whole models on the base model: found, packed, refused, named."""

from __future__ import annotations

import io
import os
import shutil
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
        ("/no/such/adapter", "does not exist", "pass --weights PATH"),
        ("http://127.0.0.1/adapter", "is not in S3", "download it"),
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
    for add, weights in (
        (platform.serving.add_adapter, ADAPTER),
        (platform.serving.add_component, MODEL),
    ):
        with pytest.raises(MlccError, match="is taken") as caught:
            add(context, "tuned", weights)
        assert caught.value.hint == "./do/adapter remove tuned"
    with pytest.raises(MlccError, match="is taken"):
        platform.serving.add_adapter(context, "demo-endpoint-base", ADAPTER)
    other = make_context(tmp_path, served, project="other")
    platform.serving.deploy(other, None)
    with pytest.raises(MlccError) as caught:
        platform.serving.add_adapter(other, "tuned", ADAPTER)
    assert caught.value.hint == "choose another name"
    with pytest.raises(MlccError, match="Unknown adapter"):
        platform.serving.remove_adapter(other, "tuned")


def test_an_adapter_of_a_bucket_that_was_named_for_its_run_alone(served, platform, tmp_path):
    """Without a tune bucket, it is packed where it lies."""
    context = make_context(tmp_path, served, {"TUNE_S3_BUCKET": ""})
    served.bucket("other-bucket")
    put(served, "out/", outputs.adapter(QWEN, under=""), bucket="other-bucket")
    added = platform.serving.add_adapter(context, "tuned", "s3://other-bucket/out")
    assert added.source.startswith("s3://other-bucket/demo/adapters/")


@pytest.fixture
def folder(tmp_path):
    """An adapter on this machine, as a download from a Hub leaves it."""
    folder = tmp_path / "downloaded"
    folder.mkdir()
    for name, data in outputs.adapter(QWEN, under="").items():
        (folder / name).write_bytes(data)
    (folder / "README.md").write_text("# Tuned")
    (folder / ".gitattributes").write_text("*")
    (folder / ".cache").mkdir()
    return folder


def test_an_adapter_on_this_machine_is_packed_to_the_bucket(served, context, platform, folder):
    added = platform.serving.add_adapter(context, "tuned", str(folder))
    assert added.source.startswith(f"s3://{BUCKET}/demo/adapters/")
    key = added.source.removeprefix(f"s3://{BUCKET}/")
    with tarfile.open(fileobj=io.BytesIO(served.objects(BUCKET, key)[key])) as packed:
        files = {member.name: packed.extractfile(member).read() for member in packed}
    assert files == {**outputs.adapter(QWEN, under=""), "README.md": b"# Tuned"}
    served.log.clear()
    os.utime(folder / "README.md", (1, 1))
    assert platform.serving.holds(context, "tuned", str(folder))
    assert served.log.writing() == []
    (folder / "README.md").write_text("# Other")
    assert not platform.serving.holds(context, "tuned", str(folder))


def test_an_archive_on_this_machine_has_the_content_of_its_folder(
    served, context, platform, folder
):
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            entry.rmdir() if entry.is_dir() else entry.unlink()
    packed = shutil.make_archive(str(folder.parent / "packed"), "zip", folder.parent, folder.name)
    first = platform.serving.add_adapter(context, "one", packed)
    assert platform.serving.add_adapter(context, "two", str(folder)).source == first.source


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "adapter_config.json").unlink(), "adapter_config.json"),
        (lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"x"), "damaged"),
        (
            lambda folder: (folder / "adapter_config.json").write_text(
                '{"peft_type": "LORA", "base_model_name_or_path": "other-model"}'
            ),
            "belongs to other-model",
        ),
    ],
)
def test_a_folder_that_is_no_adapter_for_this_project(
    served, context, platform, folder, spoil, words
):
    spoil(folder)
    with pytest.raises(MlccError, match=words) as caught:
        platform.serving.add_adapter(context, "tuned", str(folder))
    assert caught.value.where == "--weights"
    assert served.log.writing() == []


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
