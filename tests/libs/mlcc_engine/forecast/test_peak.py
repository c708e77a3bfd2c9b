"""The forecast of memory, held to the peak of the training that it is about."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.forecast import memory
from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.trainings import write_rows
from tests.peak import run_for_peak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="peaks are measured as Linux counts them"),
]

LONG = [{"prompt": f"Say {n}.", "completion": f"{n} and " * 100} for n in range(100, 108)]
WITHIN = 0.25


def told_bytes(body: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the bytes behind ``about 1.3 GB needed``: two digits alone may be 4 % off."""
    written: dict[str, int] = {}
    in_words = memory.in_words

    def heard(size: int) -> str:
        written[in_words(size)] = size
        return in_words(size)

    monkeypatch.setattr(memory, "in_words", heard)
    told = re.search(r"about ([\d.]+ (?:GB|MB)) needed", "\n".join(forecast(parse(body))))
    assert told is not None
    return written[told[1]]


def test_within_a_quarter_of_the_peak(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body: dict[str, Any] = {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "dataset": write_rows(tmp_path / "long.jsonl", LONG),
        "hyperparameters": {"global_batch_size": 8, "max_steps": 1},
        "output": str(tmp_path / "result" / "output"),
        "cache": str(cache),
    }
    (tmp_path / "request.json").write_text(json.dumps(body))
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-m", "mlcc_engine", str(tmp_path)]
    code, text, peak = run_for_peak(command, {**os.environ, "PYTHONPATH": path})
    assert code == 0, text
    assert told_bytes(body, monkeypatch) == pytest.approx(peak, rel=WITHIN)
