"""A call-back of trainings that are to be caught in the middle, on a fast machine too."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tests.plugins.mlcc_ray.cluster.jobs import HURRY

SECONDS = 0.25


class Slowly(TrainerCallback):
    """Makes every step take a while, until it is to hurry."""

    def on_step_end(self, *_: Any, **__: Any) -> None:
        if not Path(os.environ[HURRY]).exists():
            time.sleep(SECONDS)


def slowly() -> Slowly:
    """Make one."""
    return Slowly()
