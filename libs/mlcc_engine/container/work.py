"""The work of a container: a folder with its request, and the command that does it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mlcc_core import MlccError
from mlcc_core.helpers import disk_errors
from mlcc_engine import request
from mlcc_engine.checkpoint.store import ELSEWHERE
from mlcc_engine.container import channels, hyperparameters, layout
from mlcc_engine.container.hosts import Hosts
from mlcc_engine.container.running.child import LAST_SECONDS
from mlcc_engine.container.running.worker import GRACE
from mlcc_engine.devices import count_gpus, usable_cores
from mlcc_engine.ranks.launch import THREADS
from mlcc_engine.ranks.world import RANKS
from mlcc_engine.scripting import request as scripting

CHECKPOINTS = "checkpoints"
PREFIX = "script:"


@dataclass(frozen=True, slots=True)
class Work:
    """The work of one host.

    Attributes:
        command: its process.
        environment: that process's, beside this one's.
        result: the folder that the process leaves its result in.
        several: the process is an agent, and its children do the work.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    result: Path
    several: bool = False


def prepare(root: Path, folder: Path, values: Mapping[str, str], hosts: Hosts, job: str) -> Work:
    """Write down what is asked, and return the work.

    Args:
        root: of the container.
        folder: takes the request, and what is needed meanwhile.
        values: the job's hyperparameters.
        hosts: of the job.
        job: its name.

    Raises:
        MlccError: what is asked cannot be done; it says why.
        PlatformError: the disk refuses.
    """
    entry = values.get(layout.ENTRY, "")
    with disk_errors(doing="prepare the job"):
        if entry == layout.ENGINE:
            return _training(root, folder, values, hosts, job)
        if entry.startswith(PREFIX):
            return _script(root, folder, values, hosts, job)
    raise MlccError(
        f"The hyperparameter {layout.ENTRY} is {entry!r}, "
        f"expected {layout.ENGINE} or {PREFIX}NAME.py.",
        hint=hyperparameters.NEWER,
    )


def _training(root: Path, folder: Path, values: Mapping[str, str], hosts: Hosts, job: str) -> Work:
    asked = hyperparameters.read_hyperparameters(values, channels.places(root, values, job))
    asked = replace(asked, processes=hosts.world)
    (folder / request.FILE).write_text(json.dumps(asked.as_json()), encoding="utf-8")
    (root / CHECKPOINTS).mkdir(exist_ok=True)
    python = (sys.executable, "-P", "-u", "-m")
    environment = {
        ELSEWHERE: str(root / CHECKPOINTS),
        "TORCH_CPP_LOG_LEVEL": "ERROR",
        **_of_several(hosts),
    }
    module = "mlcc_engine.container.running.worker"
    if hosts.world == 1:
        return Work((*python, module, str(folder)), environment, folder)
    words = (
        *("--processes", str(hosts.processes), "--parent", str(os.getpid()), "--module", module),
        *("--machines", str(len(hosts.names)), "--machine", str(hosts.index)),
        *("--meeting", hosts.meeting(job)),
    )
    first = hosts.index * hosts.processes
    return Work(
        (*python, "mlcc_engine.ranks.agent", *words, str(folder)),
        environment,
        folder / RANKS / str(first) if first else folder,
        several=True,
    )


def _script(root: Path, folder: Path, values: Mapping[str, str], hosts: Hosts, job: str) -> Work:
    name = values[layout.ENTRY].removeprefix(PREFIX)
    given = root / channels.DATA / layout.CODE / layout.SCRIPT
    if not name or not (given / name).is_file():
        raise MlccError(
            f"The script {name!r} is not in the channel {layout.CODE}.",
            hint="pass --script with the path of a file that is there",
        )
    # A script may write beside itself; channels may be closed to that.
    place = folder / layout.SCRIPT
    shutil.copytree(given, place)
    inputs = {
        path.name: str(path)
        for path in sorted((root / channels.DATA).iterdir())
        if path.is_dir() and path.name != layout.CODE
    }
    for made in (root / "model", root / "output" / "data"):
        made.mkdir(parents=True, exist_ok=True)
    checkpoints = root / CHECKPOINTS
    document = {
        "job": job,
        "script": str(place / name),
        "folder": str(place),
        "launcher": _launcher(hosts, job),
        "hyperparameters": {key: text for key, text in values.items() if key != layout.ENTRY},
        "inputs": inputs,
        "model_dir": str(root / "model"),
        "output_data_dir": str(root / "output" / "data"),
        "checkpoint_dir": str(checkpoints) if checkpoints.is_dir() else None,
        "hosts": list(hosts.names),
        "current_host": hosts.current,
        "num_gpus": count_gpus(),
        "grace": GRACE,
    }
    (folder / scripting.FILE).write_text(json.dumps(document), encoding="utf-8")
    environment = {
        "SM_INPUT_DIR": str(root / "input"),
        "SM_INPUT_CONFIG_DIR": str(root / "input" / "config"),
        "SM_INPUT_DATA_DIR": str(root / channels.DATA),
        "SM_NETWORK_INTERFACE_NAME": hosts.interface or "",
        **(_of_several(hosts) if hosts.world > 1 else {}),
    }
    command = (sys.executable, "-P", "-u", "-m", "mlcc_engine.scripting", str(folder))
    return Work(command, environment, folder)


def _launcher(hosts: Hosts, job: str) -> list[str]:
    """Return what stands before the script: Python, or torchrun where processes are several."""
    if hosts.world == 1:
        return [sys.executable, "-u"]
    address, _, port = hosts.meeting(job).rpartition(":")
    return [
        *(sys.executable, "-u", "-m", "torch.distributed.run"),
        *(f"--nnodes={len(hosts.names)}", f"--nproc-per-node={hosts.processes}"),
        *(f"--node-rank={hosts.index}", f"--master-addr={address}", f"--master-port={port}"),
    ]


def _of_several(hosts: Hosts) -> dict[str, str]:
    """Return the variables of processes that share a host, and find those of others."""
    threads = os.environ.get(THREADS) or str(max(1, usable_cores() // hosts.processes))
    return {
        # The agents of newer versions of torch give their processes so long to end.
        "TORCH_ELASTIC_SHUTDOWN_TIMEOUT": str(int(LAST_SECONDS)),
        THREADS: threads,
        **hosts.environment(),
    }
