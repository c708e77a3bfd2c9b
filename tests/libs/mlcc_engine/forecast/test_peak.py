"""The forecast of memory, held to the peak of the training that it is about."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcc_engine.forecast.forecast import forecast
from mlcc_engine.request import parse
from tests.libs.mlcc_engine.test_process import result, start
from tests.libs.mlcc_engine.trainings import write_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="peaks are measured as Linux counts them"),
]

LONG = [{"prompt": f"Say {n}.", "completion": f"{n} and " * 100} for n in range(100, 108)]
WITHIN = 0.25


def test_within_a_quarter_of_the_peak(tmp_path: Path, cache: Path) -> None:
    asked: dict[str, Any] = {"hyperparameters": {"global_batch_size": 8, "max_steps": 1}}
    asked["dataset"] = write_rows(tmp_path / "long.jsonl", LONG)
    with start(tmp_path, cache, **asked) as process:
        text = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert result(tmp_path)["state"] == "completed", text
    body = {
        "job": "test",
        "technique": "test",
        "trainer": "trl:SFTTrainer",
        "model": "mlcc-tiny",
        "training_type": "lora",
        "output": "",
        "cache": str(cache),
        **asked,
    }
    told = re.search(r"about ([\d.]+) (GB|MB) needed", "\n".join(forecast(parse(body))))
    assert told is not None
    bytes_told = float(told[1]) * (1e9 if told[2] == "GB" else 1e6)
    assert bytes_told == pytest.approx(used.ru_maxrss * 1024, rel=WITHIN)
