"""Jobs that only say what a container would print, for tests of everything around them."""

from __future__ import annotations

import json

from tests.aws_account.training.courses import COMPLETED, STARTING, UPLOADING, Course, Stage

LOST = "InternalServerError: We encountered an internal error. Please try again."


def step(number: int, of: int = 3) -> str:
    """Return a line of progress."""
    return "mlcc-progress " + json.dumps({"step": number, "steps": of, "loss": 1 / number})


def completes(steps: int = 3) -> Course:
    """A job that trains and completes."""
    lines = ("hello", *(step(n, steps) for n in range(1, steps + 1)))
    result = "mlcc-result " + json.dumps({"state": "completed"})
    training = Stage("Training", lines=(*lines, result))
    return (STARTING, training, UPLOADING, COMPLETED)


def loses_an_instance(reason: str = LOST) -> Course:
    """A job that trains a step, and is cut off."""
    failed = Stage("Failed", "Failed", "Training job failed", reason=reason)
    return (STARTING, Stage("Training", lines=(step(1),)), failed)
