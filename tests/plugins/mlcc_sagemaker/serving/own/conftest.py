"""Base models that the hub of SageMaker does not host: on the Hub, and in S3."""

from __future__ import annotations

import dataclasses
import json

import pytest

from mlcc_sagemaker import SageMaker, SageMakerJobs
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, furnished, make_context
from tests.servers.repos import Blob

TINY = "org/tiny"
IN_S3 = f"s3://{BUCKET}/models/tiny"
INSTANCE = "ml.g5.2xlarge"
FILES = {"config.json": b'{"model_type": "llama"}', "model.safetensors": b"w" * 1000}


@dataclasses.dataclass(frozen=True)
class Huge(Blob):
    """A file that the Hub lists with a size, whatever its content."""

    listed: int = 0

    @property
    def size(self) -> int:
        return self.listed


@pytest.fixture
def on_hub(hub):
    """The Hub with a small model."""
    hub.tiny = hub.add(TINY, FILES, kind="model")
    return hub


@pytest.fixture
def account(on_hub, aws):
    """The account after ``bootstrap``, with a model and its adapter in the bucket."""
    furnished(aws)
    put(aws, "models/tiny/", FILES)
    put(aws, "out/adapter/", outputs.adapter(TINY, under="checkpoints/hf/"))
    put(aws, "out/model/", outputs.full_model(TINY, "checkpoints/hf_merged/"))
    aws.changes.looks = 0
    return aws


@pytest.fixture(params=[SageMakerJobs, pytest.param(SageMaker, marks=pytest.mark.full)])
def platform(request):
    """Both platforms, which share what serves."""
    return request.param(look_seconds=0.01)


@pytest.fixture
def project(account, tmp_path):
    """Makes the surroundings of a project: its model, its flags, its settings."""

    def make(model=TINY, instance=INSTANCE, settings=None, **options):
        said: list[str] = []
        saved: dict[str, str] = {}
        context = make_context(
            tmp_path,
            account,
            {"MODEL_ID": model, "INSTANCE_TYPE": instance, **(settings or {})},
            options=options,
            say=said.append,
            save=saved.update,
        )
        object.__setattr__(context, "said", said)
        object.__setattr__(context, "saved", saved)
        return context

    return make


def grown(hub, name, size):
    """Publish a model whose weights the Hub lists with a size in bytes."""
    repo = hub.add(name, FILES, kind="model")
    commit = repo.commits[repo.refs["main"]]
    files = {**commit.files, "model.safetensors": Huge(b"w", True, size)}
    object.__setattr__(commit, "files", files)
    return repo


def adapter_of(base, rank=16):
    """Return the files of an adapter that was trained on a base."""
    files = outputs.adapter(base, under="")
    config = {**json.loads(files["adapter_config.json"]), "r": rank}
    return {**files, "adapter_config.json": json.dumps(config).encode()}
