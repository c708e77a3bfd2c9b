from typing import ClassVar

import pytest

from mlcc_core.job import Order
from mlcc_core.testing.contracts import PlatformContract
from mlcc_local import Local


class TestLocal(PlatformContract):
    """The suite trains for real; what only looks at jobs does so in seconds."""

    patience: ClassVar[float] = 200.0

    @pytest.fixture
    def platform(self) -> Local:
        return Local()

    @pytest.fixture
    def order(self) -> Order:
        return Order(
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
