"""The parent of a job's processes: ``python -m mlcc_engine.ranks.agent PROCESSES FOLDER``.

torch's elastic agent, which ``torchrun`` and ``accelerate launch`` use alike: a process that fails
ends the others, and a signal to stop reaches all of them. The addresses are this machine's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mlcc_core import ExitCode


def main(processes: int, folder: Path) -> int:
    """Train the job in ``folder`` with so many processes.

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
    words = ("-P", "-u", "-m", "mlcc_engine", str(folder))
    try:
        elastic_launch(config, sys.executable)(*words)
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        return failure.exitcode if failure.exitcode > 0 else int(ExitCode.PLATFORM)
    except SignalException:
        return int(ExitCode.JOB)
    return int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
