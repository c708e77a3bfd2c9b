"""One process of a training on a cluster: ``python -m mlcc_ray.cluster.child PARENT FOLDER``.

It is that of ``python -m mlcc_engine``, but that it dies with its parent at once, that a checkpoint
is saved when it is told to end, that its states are lines for programs, and that its checkpoints
stay until its parent has copied the output to the storage.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

from mlcc_engine.__main__ import Keeping, main
from mlcc_engine.container.layout import STATE
from mlcc_engine.listener import State

GRACE = 60.0
"""Seconds for the step at hand and its checkpoint, once the process is told to end."""

TOLD_TO_END = "The job was told to end: its cluster, or one of its machines, shuts down."
GO_ON = "run the same mlcc command again: it goes on from the last checkpoint"

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have this process killed as soon as its parent has ended, however that ended.

    A worker that is started in place of a killed one must not meet what that left running: both
    would write the same checkpoints. Where the system cannot do it, the engine looks for its parent
    a few times a second.

    Args:
        parent: its id; another one now means that it has ended already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def say(state: State) -> None:
    """Print a state as a line for programs."""
    print(f"{STATE}{json.dumps({'state': state})}", flush=True)


if __name__ == "__main__":
    parent, folder = int(sys.argv[1]), Path(sys.argv[2])
    die_with(parent)
    sys.exit(main(folder, parent, Keeping(GRACE, TOLD_TO_END, GO_ON, say, forgets=False)))
