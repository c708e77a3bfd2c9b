"""The Ray platform keeps the contract of platforms, on a real cluster."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mlcc_core import Context, TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_ray import plugin

pytestmark = pytest.mark.slow


class TestRay(PlatformContract):
    """The suite trains for real, by jobs of the cluster of the tests."""

    patience = 300.0
    settings: ClassVar = {"weight_decay": 0.1}

    @pytest.fixture
    def platform(self):
        return plugin

    @pytest.fixture
    def context(self, tmp_path, shared, cluster, monkeypatch):
        monkeypatch.delenv("RAY_ADDRESS", raising=False)
        root = tmp_path / "project"
        root.mkdir()
        settings = {"RAY_ADDRESS": cluster.address, "RAY_STORAGE": shared.as_uri()}
        return Context(root=root, project="contract", settings=settings)

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

    # What this machine does with what a job left is held to it in tests/plugins/mlcc_local.
    test_an_adapter_stands_until_it_is_removed = None
    test_an_adapter_is_updated_in_place = None
    test_a_model_stands_until_it_is_removed = None
    test_every_prompt_is_answered_once = None
    test_replies_do_not_depend_on_the_others = None
    test_log_probabilities_are_those_of_each_reply = None
    test_fingerprints_tell_models_apart = None
    test_what_is_lacking_is_said = None
    test_what_was_written_can_be_asked = None
