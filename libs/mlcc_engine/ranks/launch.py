"""The start of several processes: this one becomes the agent that starts and ends them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

THREADS = "OMP_NUM_THREADS"


def become_agent(folder: Path, processes: int, parent: int | None, cores: int) -> None:
    """Replace this process by the agent of the job in ``folder``; this never returns.

    It keeps its id and the job's lock.

    Args:
        folder: of the job.
        processes: how many train.
        parent: the process whose death ends all; ``None`` for none.
        cores: of this machine that the job may use, shared out among them.
    """
    os.environ.setdefault(THREADS, str(max(1, cores // processes)))
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    module = "mlcc_engine.ranks.agent"
    words = ["--processes", str(processes), "--parent", str(parent or 0), str(folder)]
    command = [sys.executable, "-P", "-u", "-m", module, *words]
    os.execv(command[0], command)  # noqa: S606 - the job itself
