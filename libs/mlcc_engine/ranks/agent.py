"""The parent of a job's processes: ``python -m mlcc_engine.ranks.agent … FOLDER``.

torch's elastic agent, which ``torchrun`` and ``accelerate launch`` use alike: a process that fails
ends the others, and a signal to stop reaches all of them. On one machine its addresses are the
machine's own; of several, each runs an agent, and the first one's address is where they meet.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mlcc_core import ExitCode
from mlcc_engine import orphans
from mlcc_engine.ranks.world import RANKS

ENGINE = "mlcc_engine"
"""The module that trains by itself; that of a container copies the output away first."""

MEETING_SECONDS = 1800
"""For all machines to have started: the last one may install for long."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The processes of a job on this machine.

    Attributes:
        folder: of the job.
        processes: how many, on this machine.
        parent: the process whose death ends all; 0 for none.
        words: of the command line behind ``python``, before the folder.
        machines: that train the job.
        machine: the number of this one, from 0.
        meeting: ``HOST:PORT`` of the first machine, where there are several.
        forgets: what the other processes kept is removed once all have ended well.
    """

    folder: Path
    processes: int
    parent: int = 0
    words: tuple[str, ...] = ()
    machines: int = 1
    machine: int = 0
    meeting: str = ""
    forgets: bool = False


def main(launch: Launch) -> int:
    """Train a job with the processes of this machine.

    Returns:
        The exit code of the first process that failed; 0 where none did.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    config = LaunchConfig(
        min_nodes=launch.machines,
        max_nodes=launch.machines,
        nproc_per_node=launch.processes,
        run_id=launch.folder.name if launch.machines == 1 else "mlcc",
        max_restarts=0,
        **_rendezvous(launch),
    )
    if launch.parent:
        orphans.stop_with_parent(launch.parent, partial(os.kill, os.getpid(), signal.SIGTERM))
    try:
        elastic_launch(config, sys.executable)(*launch.words, str(launch.folder))
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        return failure.exitcode if failure.exitcode > 0 else int(ExitCode.PLATFORM)
    except SignalException:
        return int(ExitCode.JOB)
    if launch.forgets:
        # The first process has removed it while others still wrote there.
        shutil.rmtree(launch.folder / RANKS, ignore_errors=True)
    return int(ExitCode.DONE)


def _rendezvous(launch: Launch) -> dict[str, Any]:
    if launch.machines == 1:
        return {
            "rdzv_backend": "c10d",
            "rdzv_endpoint": "127.0.0.1:0",
            "local_addr": "127.0.0.1",
        }
    return {
        "rdzv_backend": "static",
        "rdzv_endpoint": launch.meeting,
        "rdzv_configs": {"rank": launch.machine, "timeout": MEETING_SECONDS},
        "local_addr": launch.meeting.rpartition(":")[0] if launch.machine == 0 else None,
    }


def parse(words: Sequence[str]) -> Launch:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m mlcc_engine.ranks.agent", description=__doc__)
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("--parent", type=int, default=0, metavar="PID")
    parser.add_argument("--machines", type=int, default=1)
    parser.add_argument("--machine", type=int, default=0)
    parser.add_argument("--meeting", default="", metavar="HOST:PORT")
    parser.add_argument("--module", default=ENGINE, help="run in each process")
    parser.add_argument("folder", type=Path)
    given = vars(parser.parse_args(words))
    detached = () if given["parent"] else ("--detached",)
    given["forgets"] = given["module"] == ENGINE
    given["words"] = ("-P", "-u", "-m", given.pop("module"), *detached)
    return Launch(**given)


if __name__ == "__main__":
    sys.exit(main(parse(sys.argv[1:])))
