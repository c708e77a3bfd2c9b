"""The forecast of memory, held to the peak of the training that it is about."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.trainings import write_rows
from tests.peak import run_for_peak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="peaks are measured as Linux counts them"),
]

LONG = [{"prompt": f"Say {n}.", "completion": f"{n} and " * 100} for n in range(100, 108)]
WITHIN = 0.35
"""The forecast has two digits and leaves room; the peak differs by some percent each time."""


def test_near_the_peak(tmp_path: Path, cache: Path) -> None:
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
    told = re.search(r"about ([\d.]+) (GB|MB) needed", "\n".join(forecast(parse(body))))
    assert told is not None
    bytes_told = float(told[1]) * (1e9 if told[2] == "GB" else 1e6)
    assert bytes_told == pytest.approx(peak, rel=WITHIN)
