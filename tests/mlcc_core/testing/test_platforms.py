import pytest

from mlcc_core import TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_core.testing.platform import FakePlatform


class TestFake(PlatformContract):
    @pytest.fixture
    def platform(self):
        return FakePlatform()

    @pytest.fixture
    def spec(self):
        return TrainingSpec(
            project="contract",
            technique="fake",
            trainer="fake:Trainer",
            model="fake-model",
            training_type="lora",
            hyperparameters={"num_epochs": 2, "lora_r": 8},
            hyperparameter_flags={"num_epochs": "--epochs", "lora_r": "--lora-rank"},
            trainer_settings={"seed": 7},
            dataset=None,
        )


class TestLocal(PlatformContract):
    """The suite trains for real; what only looks at jobs does so in seconds."""

    patience = 200.0

    @pytest.fixture
    def platform(self):
        from mlcc_local import plugin

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
