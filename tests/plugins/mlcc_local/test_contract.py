"""The platform of this machine keeps the contract of platforms."""

import pytest

from mlcc_core import TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_local import plugin


class TestLocal(PlatformContract):
    """The suite trains for real; tests that only look at jobs take seconds."""

    patience = 200.0

    @pytest.fixture
    def platform(self):
        return plugin

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

    @pytest.mark.slow
    def test_an_adapter_from_the_spec_to_the_answer(self, platform, context, ready):
        super().test_an_adapter_from_the_spec_to_the_answer(platform, context, ready)

    @pytest.mark.slow
    def test_a_model_from_the_spec_to_the_answer(self, platform, context, ready):
        super().test_a_model_from_the_spec_to_the_answer(platform, context, ready)
