"""Gradient checkpointing where memory is short: the same training, said in plan and log."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_engine.devices import Device
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.trainings import FACTS, Train, losses, write_rows

pytestmark = pytest.mark.slow

PAIRS = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
BRIEF = {"num_train_epochs": 2, "learning_rate": 1e-3}
SAID = "Gradient checkpointing is on, which takes about 30 % more time: without it, about "


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with little free memory."""
    device = Device("cpu", "CPU", 700_000_000, bf16=False)
    for place in ("train.train", "forecast.forecast"):
        monkeypatch.setattr(f"mlcc_engine.{place}.find_device", lambda: device)


def test_training_is_the_same(
    train: Train, short: None, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = train(PAIRS, hyperparameters={**BRIEF, "gradient_checkpointing": False})
    assert SAID not in capsys.readouterr().out
    recomputed = train(PAIRS, hyperparameters=BRIEF)
    assert SAID in capsys.readouterr().out
    assert losses(recomputed) == pytest.approx(losses(plain), abs=1e-5)


def test_the_plan_says_so(tmp_path: Path, cache: Path, short: None) -> None:
    body = {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(tmp_path / "rows.jsonl", PAIRS),
        "output": "",
        "cache": str(cache),
    }
    assert any(line.startswith(SAID) for line in forecast(parse(body)))
    body["hyperparameters"] = {"gradient_checkpointing": False}
    assert not any(line.startswith(SAID) for line in forecast(parse(body)))
