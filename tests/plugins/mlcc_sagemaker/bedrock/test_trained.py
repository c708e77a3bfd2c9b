"""From trainings in a container to models of Bedrock, by the commands of a user.

The project's platform is ``sagemaker``; the runs' is ``sagemaker_jobs``. What is imported is what
the engine wrote: a whole model, and an adapter that is merged on this machine.
"""

from __future__ import annotations

import json

import pytest

from tests.plugins.mlcc_sagemaker.bedrock.conftest import models
from tests.plugins.mlcc_sagemaker.bedrock.test_merging import asked
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable

pytest.importorskip("sagemaker.core")
pytest.importorskip("trl")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TRAIN = (
    *("train", "--technique", "sft", "--dataset", "s3://data/sft.jsonl", "--set", "max_steps=2"),
    *("--validation", "none", "--poll-interval", "0.02"),
)


def imported(stored):
    """The files that the latest import reads, by name."""
    request = stored.log.calls("CreateModelImportJob")[-1].params
    uri = request["modelDataSource"]["s3DataSource"]["s3Uri"]
    key = uri.removeprefix(f"s3://{BUCKET}/")
    return {name.removeprefix(key): data for name, data in stored.objects(BUCKET, key).items()}


@pytest.mark.parametrize(
    "training_type", ["full-rank", pytest.param("lora", marks=pytest.mark.full)]
)
def test_what_was_trained_on_instances_is_imported_and_asked(
    project, stored, monkeypatch, training_type
):
    set_variable(project, MODEL_ID="mlcc-tiny", TRAIN_INSTANCE_TYPE="ml.g5.xlarge")
    ran = project(*TRAIN, "--training-type", training_type)
    assert ran.code == 0, ran
    (job,) = stored.jobs.all()
    ran = project("deploy", "--to", "bedrock", "--from-tune", "sft", "--name", "tiny", "--yes")
    assert ran.code == 0, ran
    assert ("Merging the adapter" in ran.err) == (training_type == "lora"), ran
    files = imported(stored)
    config = json.loads(files["config.json"])
    assert (config["architectures"], "rope_theta" in config) == (["LlamaForCausalLM"], True)
    assert "chat_template" in json.loads(files["tokenizer_config.json"])
    assert not [name for name in files if name.startswith("adapter")]
    assert job.name in ran.err
    assert models(stored) == ["tiny"]
    asked(project, monkeypatch, "tiny")
    assert models(stored) == []
    assert stored.trap.hosts == []
