"""One process of a training in a container: ``python -m mlcc_engine.container.running.worker DIR``.

It is that of ``python -m mlcc_engine``, but that a checkpoint is saved when it is told to end, for
which a container has two minutes, and that its states are lines for programs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from mlcc_engine.__main__ import Keeping, main
from mlcc_engine.container.layout import STATE
from mlcc_engine.listener import State

GRACE = 90.0
"""Seconds for the step at hand and its checkpoint, of the 120 from SIGTERM to SIGKILL (SageMaker's
``StopTrainingJob``): the rest is for the result, and for the copy to S3."""

TOLD_TO_END = (
    "SageMaker ended this job before it was done: it was stopped, its time was up, or its spot "
    "instance was taken back."
)
GO_ON = "run the same mlcc command again: it goes on from the last checkpoint"


def say(state: State) -> None:
    """Print a state as a line for programs."""
    print(f"{STATE}{json.dumps({'state': state})}", flush=True)


if __name__ == "__main__":
    keeping = Keeping(GRACE, TOLD_TO_END, GO_ON, say)
    sys.exit(main(Path(sys.argv[-1]), os.getppid(), keeping))
