"""A call-back of trainings that are to be caught in the middle, on a fast machine too."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tests.libs.mlcc_engine.trainings import HURRY

SECONDS = 0.25
"""For each step: a test that looks for one meanwhile is in time on a busy machine."""


class Slowly(TrainerCallback):
    """Makes every step take a while, until it is to hurry."""

    def on_step_end(self, *_: Any, **__: Any) -> None:
        hurry = os.environ.get(HURRY)
        if hurry is None or not Path(hurry).exists():
            time.sleep(SECONDS)


def slowly() -> Slowly:
    """Make one."""
    return Slowly()
