"""Adapters on their way to Bedrock: merged by the job, or on this machine by real training."""

from __future__ import annotations

import io
import json
import sys

import pytest

from tests.aws_account.training import courses, outputs
from tests.plugins.mlcc_sagemaker.bedrock.conftest import jobs, models
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN


def asked(project, monkeypatch, name):
    """Ask a model by ``test`` and ``chat``, and remove it."""
    ran = project("test", "--ic", name, "--prompt", "Hi")
    assert f"Tuned:  {name} says: Hi" in ran.out, ran
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Hello\n")))
    ran = project("chat", name)
    assert ran.out == f"{name} says: Hello\n", ran
    ran = project("undeploy", "--yes")
    assert ran.code == 0, ran


def test_what_a_job_merged_is_imported_from_where_it_is(project, stored, monkeypatch):
    stored.jobs.course = courses.at_once()
    stored.jobs.makes = lambda job: (
        outputs.adapter(QWEN) | outputs.full_model(QWEN, "checkpoints/hf_merged/")
    )
    ran = project(
        *("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl"),
        *("--poll-interval", "0.01"),
    )
    assert ran.code == 0, ran
    ran = project("deploy", "--to", "bedrock", "--from-tune", "--name", "merged", "--yes")
    assert ran.code == 0, ran
    source = stored.log.only("CreateModelImportJob").params["modelDataSource"]["s3DataSource"]
    assert source["s3Uri"] == f"{stored.jobs.all()[0].artifacts}/checkpoints/hf_merged/"
    asked(project, monkeypatch, "merged")
    assert models(stored) == []


@pytest.mark.slow
def test_an_adapter_of_this_machine_is_merged_uploaded_and_imported_once(
    project, stored, monkeypatch, tmp_path
):
    pytest.importorskip("trl")
    rows = [{"prompt": f"{n} + 1 =", "completion": str(n + 1)} for n in range(16)]
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = project(
        *("tune", "--platform", "local", "--model", "mlcc-tiny", "--technique", "sft"),
        *("--dataset", str(data), "--set", "max_steps=2", "--validation", "none"),
    )
    assert ran.code == 0, ran
    words = ("deploy", "--to", "bedrock", "--from-tune", "sft", "--name", "tiny", "--yes")
    ran = project(*words)
    assert ran.code == 0, ran
    assert "⏳ Merging the adapter into mlcc-tiny on this machine" in ran.err
    uri = stored.log.only("CreateModelImportJob").params["modelDataSource"]["s3DataSource"]["s3Uri"]
    key = uri.removeprefix(f"s3://{BUCKET}/")
    files = {name.removeprefix(key): data for name, data in stored.objects(BUCKET, key).items()}
    config = json.loads(files["config.json"])
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert (config["torch_dtype"], "rope_theta" in config) == ("float32", True)
    assert "chat_template" in json.loads(files["tokenizer_config.json"])
    assert not [name for name in files if name.startswith("adapter")]
    asked(project, monkeypatch, "tiny")
    stored.log.clear()
    ran = project(*words)
    assert ran.code == 0, ran
    assert "Merging" not in ran.err  # it lies in S3 still
    assert len(jobs(stored)) == 2
