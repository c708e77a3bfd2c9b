import pytest

from mlcc_core import Evaluator, EvaluatorKind, ManagedSpec, TrainingSpec
from mlcc_core.testing.contracts import PlatformContract
from mlcc_core.testing.parts.pricing import FakePricing
from mlcc_core.testing.platform import FakePlatform

SCORER = Evaluator(EvaluatorKind.FUNCTION, "fake_scorer", "--metric", {}, "--metric")


class TestFake(PlatformContract):
    look_seconds = 0.0

    @pytest.fixture
    def platform(self):
        platform = FakePlatform()
        platform.prices = FakePricing()
        return platform

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

    @pytest.fixture(params=["benchmark", "scorer", "judge", "judge of replies"])
    def evaluation(self, request, managed):
        named = {
            "benchmark": {"benchmark": "quiz"},
            "scorer": {"evaluator": SCORER},
            "judge": {"judge": "fake-judge"},
        }
        kind, *asks_first = request.param.split(" ", 1)
        managed.asks_first = bool(asks_first)
        return ManagedSpec("contract", kind, "fake-model", **named[kind])
