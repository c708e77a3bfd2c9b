"""Outputs of jobs brought from S3: whole, unpacked safely, named for other machines."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from mlcc_core import ExportPlan, MlccError, Output, PlatformError, Subject
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import archive, put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, make_context

HUB_ID = "Qwen/Qwen3-0.6B"
RUN = f"s3://{BUCKET}/out/demo-1/output/model"


@pytest.fixture
def context(account, tmp_path):
    return make_context(tmp_path, account, hub_id=lambda name: HUB_ID if name == QWEN else None)


@pytest.fixture
def left(account):
    """Put what a job left, in its layout."""

    def put_files(*names):
        made = {
            "adapter": outputs.adapter(QWEN, rank=12),
            "model": outputs.full_model(QWEN, "checkpoints/hf_merged/"),
        }
        for name in names:
            put(account, "out/demo-1/output/model/", made[name])

    return put_files


def subject(kind="adapter", uri=RUN):
    return Subject("demo-1", QWEN, "f", Output(kind, uri))


def export(platform, context, asked, form, folder, **more):
    folder.mkdir(exist_ok=True)
    return platform.exporting.export(context, ExportPlan(asked, form, "tuned", **more), folder)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_adapter_is_brought_and_names_its_base(account, context, platform, left, tmp_path):
    left("adapter", "model")
    put(account, "out/demo-1/output/model/checkpoints/hf/", {"trainer_state.json": b"{}"})
    assert platform.exporting.lacks(context, subject(), "adapter") is None
    folder = tmp_path / "out"
    exported = export(platform, context, subject(), "adapter", folder)
    assert names(folder) == ["adapter_config.json", "adapter_model.safetensors"]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == HUB_ID
    weights = outputs.adapter(QWEN, rank=12)["checkpoints/hf/adapter_model.safetensors"]
    assert (folder / "adapter_model.safetensors").read_bytes() == weights
    assert exported.loads["vLLM"] == (
        f"vllm serve {HUB_ID} --enable-lora --lora-modules tuned={{path}}"
    )
    assert HUB_ID in exported.loads["PEFT"]
    assert exported.subject is None
    assert "--platform local" in exported.lines[0]
    assert account.log.writing() == []
    read = account.log.calls("s3:GetObject")
    assert all(call.params["Range"].startswith("bytes=") for call in read)


@pytest.mark.parametrize("kind", ["adapter", "model"])
def test_a_merged_model_that_the_job_left(context, platform, left, tmp_path, kind):
    """A recipe may merge the adapter itself."""
    left(*{kind, "model"})
    assert platform.exporting.lacks(context, subject(kind), "merged") is None
    folder = tmp_path / "out"
    exported = export(platform, context, subject(kind), "merged", folder)
    tokenizer = ["tokenizer.json", "tokenizer_config.json"]
    assert names(folder) == ["config.json", "model.safetensors", *tokenizer]
    assert "_name_or_path" not in json.loads((folder / "config.json").read_text())
    assert exported.loads["vLLM"] == "vllm serve {path}"


def test_what_cannot_be_had_here(context, platform, left):
    left("adapter")
    lacks = platform.exporting.lacks
    assert lacks(context, subject(), "merged").what == (
        "A merged model of demo-1 is made on a machine with its base: "
        "export with --form adapter, then what was written with --platform local."
    )
    assert "with --form adapter" in lacks(context, subject(), "gguf").what
    assert "with --form merged" in lacks(context, subject("model"), "gguf").what
    assert "is a whole model" in lacks(context, subject("model"), "adapter").what
    assert "on the Hub" in lacks(context, Subject("base", QWEN, "f"), "merged").what


def test_an_archive_is_unpacked(account, context, platform, tmp_path):
    for under in ("", "tuned/"):
        put(account, "out/", {"a.tar.gz": archive(outputs.adapter(QWEN, under=under))})
        folder = tmp_path / f"out{len(under)}"
        asked = subject(uri=f"s3://{BUCKET}/out/a.tar.gz")
        export(platform, context, asked, "adapter", folder)
        assert names(folder) == ["adapter_config.json", "adapter_model.safetensors"]


def test_an_archive_that_would_leave_its_folder(account, context, platform, tmp_path):
    files = outputs.adapter(QWEN, under="")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, data in {**files, "../out.txt": b"x"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    put(account, "out/", {"a.tar.gz": buffer.getvalue()})
    folder = tmp_path / "out"
    with pytest.raises(MlccError, match="would leave its folder"):
        export(platform, context, subject(uri=f"s3://{BUCKET}/out/a.tar.gz"), "adapter", folder)
    assert names(folder) == []
    assert not (tmp_path / "out.txt").exists()


def test_a_download_goes_on_where_it_broke_off(account, context, platform, left, tmp_path):
    left("adapter")
    account.inject("s3:GetObject", "cut", times=2)
    export(platform, context, subject(), "adapter", tmp_path / "out")
    assert len(account.log.calls("s3:GetObject")) == 4


def test_what_goes_wrong_leaves_nothing(account, context, platform, left, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(MlccError, match="holds no LoRA adapter"):
        export(platform, context, subject(), "adapter", folder)
    left("adapter")
    with pytest.raises(MlccError) as caught:
        export(platform, context, subject(), "adapter", folder, dtype="float16")
    assert caught.value.where == "--dtype"
    account.inject("s3:GetObject", "denied", times=None)
    with pytest.raises(PlatformError, match="access denied"):
        export(platform, context, subject(), "adapter", folder)
    assert names(folder) == []


def test_weights_that_are_damaged(account, context, platform, left, tmp_path):
    left("adapter")
    broken = {"adapter_model.safetensors": b"x" * 40}
    put(account, "out/demo-1/output/model/checkpoints/hf/", broken)
    with pytest.raises(MlccError, match="damaged"):
        export(platform, context, subject(), "adapter", tmp_path / "out")
