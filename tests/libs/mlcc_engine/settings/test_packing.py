"""Packed rows: each is read as if it were alone, and training is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mlcc_core.errors import MlccError
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.model import models
from mlcc_engine.request import parse
from mlcc_engine.settings import packing
from tests.libs.mlcc_engine.trainings import FACTS, Train, losses, write_rows

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
BRIEF = {"num_train_epochs": 3, "learning_rate": 1e-3}


def test_a_model_of_attention_keeps_rows_apart(cache: Path) -> None:
    model = models.load_model(models.locate("mlcc-tiny", cache), torch.float32)
    assert packing.apart(model) < 1e-4
    forward = model.forward

    def mixing(position_ids: object = None, **given: object) -> object:
        return forward(**given)

    model.forward = mixing  # as a model that is not told where rows begin
    assert packing.apart(model) > packing.MOST_APART


def test_training_is_the_same(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    padded = train(PAIRS, hyperparameters=BRIEF)
    capsys.readouterr()
    packed = train(PAIRS, hyperparameters=BRIEF, packing=True)
    assert "Rows are packed: laid end to end" in capsys.readouterr().out
    assert losses(packed) == pytest.approx(losses(padded), abs=1e-4)


def test_a_trainer_that_cannot(tmp_path: Path, cache: Path) -> None:
    rows = [{"prompt": "a", "chosen": "b", "rejected": "c"}]
    body = {
        "job": "test",
        "technique": "dpo",
        "trainer": "trl:DPOTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(tmp_path / "rows.jsonl", rows),
        "output": "",
        "cache": str(cache),
        "packing": True,
    }
    with pytest.raises(MlccError, match="--packing does not apply to trl:DPOTrainer"):
        forecast(parse(body))
