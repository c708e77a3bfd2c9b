"""The SageMaker platform keeps the contract of platforms."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core import ManagedSpec, Output
from mlcc_core.testing.contracts import PlatformContract
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.conftest import QWEN, furnished, lines, make_context, make_order

pytest.importorskip("sagemaker.core")


def one_kind(job):
    files = outputs.of_job(job)
    adapter = {name: data for name, data in files.items() if name.startswith("checkpoints/hf/")}
    return adapter or files


class TestSageMaker(PlatformContract):
    """With the base model deployed, on which adapters sit.

    Jobs leave an adapter or a merged model, not both, as LoRA recipes may: then either is right.
    """

    rows = lines("sft", 2)
    look_seconds = 0.01
    goes_on_from = ("lora",)
    settings: ClassVar = {"weight_decay": 0.1}

    @pytest.fixture
    def cloud(self, aws):
        return furnished(aws)

    @pytest.fixture
    def context(self, cloud, tmp_path):
        cloud.changes.looks = 1
        cloud.jobs.makes = one_kind
        return make_context(tmp_path, cloud, project="contract")

    @pytest.fixture
    def platform(self, platform, context):
        platform.serving.deploy(context, None)
        return platform

    @pytest.fixture
    def tuned(self, platform, context, runner, ready, job):
        """A run's adapter, deployed: only what is deployed can be asked."""
        output = Output("adapter", self.outcome(runner, context, ready, job))
        platform.serving.add_adapter(context, "tuned", output.path)
        return output

    @pytest.fixture
    def evaluation(self, cloud):
        return ManagedSpec("contract", "benchmark", QWEN, benchmark="mmlu")

    @pytest.fixture
    def spec(self, cloud):
        return make_order(cloud, project="contract", dataset=None)
