"""Packed rows: each is read as if it were alone, and training is the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from mlcc_core.errors import MlccError
from mlcc_engine.choices import packing, padding
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.model import models
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.trainings import FACTS, Train, Trained, losses, write_rows

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


def uneven() -> list[dict[str, str]]:
    """Rows of which half are short, and one is cut."""
    long = [{"prompt": f"Count to {n}.", "completion": "one two three " * n} for n in (4, 8, 20)]
    return [pair for pairs in zip(PAIRS, long, strict=False) for pair in pairs] + PAIRS[3:]


def weights(trained: Trained) -> dict[str, torch.Tensor]:
    return load_file(trained.output / "adapter_model.safetensors")


def test_training_is_the_same(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    brief = {**BRIEF, "max_length": 200}
    padded = train(uneven(), hyperparameters=brief, packing=False)
    assert "Rows of a batch are padded: as --no-packing asks" in capsys.readouterr().out
    packed = train(uneven(), hyperparameters=brief)
    said = capsys.readouterr().out
    assert "Rows of a batch are packed, and none sees another: padding is " in said
    assert losses(packed) == pytest.approx(losses(padded), abs=1e-4)
    expected = weights(padded)
    for name, found in weights(packed).items():
        assert torch.allclose(found, expected[name], atol=1e-3), name


def test_a_model_that_takes_no_packed_rows_is_padded(cache: Path) -> None:
    model = models.load_model(models.locate("mlcc-tiny", cache), torch.float32)
    forward = model.forward
    model.forward = lambda input_ids, use_cache: forward(input_ids, use_cache=use_cache)
    trainer = SimpleNamespace(model=model, data_collator=SimpleNamespace(padding_free=False))
    (said,) = packing.pack(trainer, padding.Choice(packed=True, why="it pays"))
    assert said.endswith("padded: this model mixes rows that are laid end to end.")
    assert not trainer.data_collator.padding_free


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
