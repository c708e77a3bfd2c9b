"""Jobs on instances keep the contract of job runners, their prices that of prices."""

from __future__ import annotations

import pytest

from mlcc_core.testing.contracts.parts.pricing import PricingContract
from mlcc_core.testing.contracts.parts.runner import RunnerContract
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.conftest import furnished, lines, make_context
from tests.plugins.mlcc_sagemaker.instances.conftest import CPU
from tests.plugins.mlcc_sagemaker.instances.job import courses

pytest.importorskip("sagemaker.core")


def output_of(job):
    """An adapter or a whole model, as the job was asked for."""
    lora = job.request["HyperParameters"]["training_type"] == "lora"
    return (
        outputs.adapter("mlcc-tiny")
        if lora
        else outputs.full_model("mlcc-tiny", "checkpoints/hf_merged/")
    )


class TestJobs(RunnerContract, PricingContract):
    """Jobs that say what a container would print."""

    rows = lines("sft", 2)
    look_seconds = 0.01

    @pytest.fixture
    def context(self, aws, tmp_path):
        furnished(aws)
        aws.containers.runs = False
        aws.jobs.course = courses.completes()
        aws.jobs.makes = output_of
        return make_context(tmp_path, aws, {"TRAIN_INSTANCE_TYPE": CPU}, project="contract")

    @pytest.fixture
    def runner(self, jobs):
        return jobs.runner

    @pytest.fixture
    def store(self, jobs):
        return jobs.store

    @pytest.fixture
    def pricing(self, jobs):
        return jobs.pricing

    @pytest.fixture
    def spec(self, training):
        return training(project="contract", dataset=None)
