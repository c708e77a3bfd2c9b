"""A call-back of trainings that are to be caught in the middle, on a fast machine too."""

from __future__ import annotations

import time
from typing import Any

from transformers import TrainerCallback

SECONDS = 0.15
"""For each step: a test that looks for one meanwhile is in time on a busy machine."""


class Slowly(TrainerCallback):
    """Makes every step take a while."""

    def on_step_end(self, *_: Any, **__: Any) -> None:
        time.sleep(SECONDS)


def slowly() -> Slowly:
    """Make one."""
    return Slowly()
