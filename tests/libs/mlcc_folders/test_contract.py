"""A platform made of the parts of a project's folder keeps the contract, without ``local``."""

from collections.abc import Mapping
from typing import Any

import pytest

from mlcc_core import Check, Context, Platform, ReportedSpec, Request, TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_core.testing.imports import loaded_by
from mlcc_engine.engine import TRL, reported_by, request_of
from mlcc_folders import checks
from mlcc_folders.folder_serving import FolderServing
from mlcc_folders.folder_store import FolderStore
from mlcc_folders.process_jobs import ProcessJobs


class BenchJobs(ProcessJobs):
    """Asks the engine for what a spec says, and for nothing else."""

    def build_request(self, context: Context, spec: TrainingSpec) -> Request:
        return Request({"request": request_of(spec)})

    def read_spec(self, body: Mapping[str, Any]) -> ReportedSpec:
        return reported_by(body["request"])


class Bench(Platform):
    name = "bench"
    title = "A bench of its own"
    engines = (TRL,)
    store = FolderStore()
    runner = BenchJobs()
    serving = FolderServing("mlcc-tiny")

    def checks(self, context: Context) -> list[Check]:
        return checks.checks(context.root)


@pytest.mark.slow
class TestBench(PlatformContract):
    patience = 200.0

    @pytest.fixture
    def platform(self):
        return Bench()

    @pytest.fixture
    def spec(self):
        return TrainingSpec(
            project="contract",
            technique="sft",
            trainer="trl:SFTTrainer",
            model="mlcc-tiny",
            training_type="lora",
            hyperparameters={"num_train_epochs": 1, "lora_rank": 4},
            hyperparameter_flags={"num_train_epochs": "--epochs", "lora_rank": "--lora-rank"},
            trainer_settings={},
            dataset=None,
        )


def test_the_parts_import_no_plugin():
    parts = ", ".join(
        f"mlcc_folders.{name}" for name in ("folder_store", "process_jobs", "folder_serving")
    )
    assert loaded_by(f"import {parts}", ("mlcc_local", "mlcc_sft")) == []
    assert loaded_by(f"import {parts}", ("mlcc_folders",)) == ["mlcc_folders"]
