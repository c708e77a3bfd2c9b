"""The platform of jobs on instances keeps the contract of platforms."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core.contract.job import Output
from mlcc_core.testing.contracts import PlatformContract
from mlcc_sagemaker import SageMakerJobs
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN, furnished, lines, make_context
from tests.plugins.mlcc_sagemaker.instances.conftest import CPU
from tests.plugins.mlcc_sagemaker.instances.job import courses

pytest.importorskip("sagemaker.core")


def output_of(job):
    if job.request["HyperParameters"].get("training_type") == "full-rank":
        return outputs.full_model(QWEN, "checkpoints/hf_merged/")
    return outputs.adapter(QWEN)


class TestSageMakerJobs(PlatformContract):
    """Jobs follow a course, without a container."""

    rows = lines("sft", 2)
    look_seconds = 0.01
    goes_on_from = ("lora", "full-rank")
    settings: ClassVar = {"weight_decay": 0.1}

    @pytest.fixture
    def cloud(self, aws, monkeypatch):
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        cloud = furnished(aws)
        cloud.containers.runs = False
        cloud.jobs.course = courses.completes()
        cloud.jobs.makes = output_of
        cloud.changes.looks = 1
        return cloud

    @pytest.fixture
    def context(self, cloud, tmp_path):
        settings = {"TRAIN_INSTANCE_TYPE": CPU}
        return make_context(tmp_path, cloud, settings, project="contract")

    @pytest.fixture
    def platform(self, context):
        platform = SageMakerJobs(look_seconds=0.01)
        platform.serving.deploy(context, None)
        return platform

    @pytest.fixture
    def tuned(self, platform, context, cloud):
        put(cloud, "out/adapter/", outputs.adapter(QWEN))
        output = Output("adapter", f"s3://{BUCKET}/out/adapter")
        platform.serving.add_adapter(context, "tuned", output.path)
        return output

    @pytest.fixture
    def spec(self, training):
        return training(project="contract", dataset=None, model=QWEN)
