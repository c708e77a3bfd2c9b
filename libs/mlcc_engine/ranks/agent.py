"""The parent of a job's processes: ``python -m mlcc_engine.ranks.agent PROCESSES PARENT FOLDER``.

torch's elastic agent, which ``torchrun`` and ``accelerate launch`` use alike: a process that fails
ends the others, and a signal to stop reaches all of them. The addresses are this machine's own.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

from mlcc_core import ExitCode
from mlcc_engine import orphans


def main(processes: int, parent: int, folder: Path) -> int:
    """Train the job in ``folder`` with so many processes.

    Args:
        processes: how many.
        parent: the process whose death ends all; 0 for none.
        folder: of the job.

    Returns:
        The exit code of the first process that failed; 0 where none did.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        run_id=folder.name,
        local_addr="127.0.0.1",
        max_restarts=0,
    )
    if parent:
        orphans.stop_with_parent(parent, partial(os.kill, os.getpid(), signal.SIGTERM))
    detached = () if parent else ("--detached",)
    words = ("-P", "-u", "-m", "mlcc_engine", *detached, str(folder))
    try:
        elastic_launch(config, sys.executable)(*words)
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        return failure.exitcode if failure.exitcode > 0 else int(ExitCode.PLATFORM)
    except SignalException:
        return int(ExitCode.JOB)
    return int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
