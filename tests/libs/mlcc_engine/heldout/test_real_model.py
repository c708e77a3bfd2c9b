"""A real model on questions that it was not trained on: it learned the way to answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.libs.mlcc_engine.trainings import Train, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(900)]

CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Egypt": "Cairo",
    "Spain": "Madrid",
    "Greece": "Athens",
    "Peru": "Lima",
    "Kenya": "Nairobi",
}
ROWS = [
    {
        "prompt": f"What is the capital of {place}?",
        "completion": f"Ahoy! The capital of {place} be {capital}, me hearty. Fair winds!",
    }
    for place, capital in CAPITALS.items()
]


def test_held_out_loss_falls(train: Train, real_model: Path, tmp_path: Path) -> None:
    done = train(
        ROWS[:6],
        model=str(real_model),
        validation=write_rows(tmp_path / "held_out.jsonl", ROWS[6:]),
        eval_every="3",
        hyperparameters={"max_steps": 6, "learning_rate": 1e-3, "global_batch_size": 3},
    )
    losses = {
        line["step"]: line["metrics"]["held_out_loss"]
        for line in done.progress
        if "held_out_loss" in line["metrics"]
    }
    assert list(losses) == [0, 3, 6]
    assert losses[6] < losses[0] / 2
    assert done.outcome.metrics["held_out_loss_best"] == min(losses[3], losses[6])
    assert done.outcome.warnings == ()
