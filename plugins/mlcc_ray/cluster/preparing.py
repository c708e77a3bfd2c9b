"""The folder, the files and the request that a worker needs on its machine to train."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlcc_core import MlccError
from mlcc_core.helpers import disk_errors, installed_versions, plural
from mlcc_engine import request
from mlcc_engine.checkpoint.store import KEPT
from mlcc_engine.engine import PACKAGES, numbers_of
from mlcc_engine.job_result import JobResult
from mlcc_ray import checkpoints
from mlcc_ray.cluster.place import CHECKPOINTS, OUTPUT, Place
from mlcc_ray.storage import Storage

TOP = "mlcc-ray"
"""Folder among the temporary ones of a machine, with one for each process of ours there."""

BLOCK = 8 << 20
"""Bytes that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Work:
    """The folder of a worker.

    Attributes:
        folder: takes the request, and all that the engine writes beside it.
        checkpoints: the folder that takes those of all processes, on this machine or shared.
    """

    folder: Path
    checkpoints: Path

    @property
    def output(self) -> Path:
        return self.folder / OUTPUT


@contextmanager
def work_folder(place: Place) -> Iterator[Work]:
    """Make a folder for a worker on this machine, for the block.

    Raises:
        PlatformError: the disk refuses.
    """
    with own_folder(place.name) as folder:
        shared = place.storage.local(place.path(CHECKPOINTS))
        yield Work(folder, shared or folder / CHECKPOINTS)


@contextmanager
def own_folder(name: str) -> Iterator[Path]:
    """Make a folder for this process, for the block; those of processes that died are removed.

    Args:
        name: begins that of the folder, which ends with the id of this process.

    Raises:
        PlatformError: the disk refuses.
    """
    top = Path(tempfile.gettempdir()) / f"{TOP}-{os.getuid()}"
    with disk_errors(top, doing=f"make a folder in {top}"):
        top.mkdir(exist_ok=True, mode=0o700)
        _remove_left(top)
        folder = top / f"{name}.{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_missing(trainer: str) -> list[str]:
    """Return the packages that the training imports and that this Python lacks, or has too old.

    Args:
        trainer: as the request names it.
    """
    missing = [text for each in PACKAGES.items() if (text := _lacks(*each)) is not None]
    owner = trainer.partition(":")[0].partition(".")[0]
    if owner != "trl" and find_spec(owner) is None:
        missing.append(owner)
    return missing


def lacking(packages: list[str], node: str) -> JobResult:
    """Return the result of a job whose Python lacks packages on a machine of the cluster."""
    return JobResult(
        "failed",
        fault="input",
        reason=f"The Python of the cluster's node {node} lacks "
        f"{plural(len(packages), 'package')}: {', '.join(packages)}.",
        hint="name them in a file, one a line, and pass it: --packages requirements.txt",
    )


def _lacks(package: str, oldest: str) -> str | None:
    """Return a package with the version that is needed, where this Python has no such one."""
    if find_spec(package) is None:
        return package
    there = installed_versions([package]).get(package)
    if there is None or numbers_of(there) >= numbers_of(oldest):
        return None
    return f"{package}>={oldest} ({there} is there)"


def another_python(node: str) -> JobResult:
    """Return the result of a job that was started by a Python without Ray."""
    return JobResult(
        "failed",
        fault="platform",
        reason=f"The python of the cluster's node {node} is {sys.executable}, which lacks Ray.",
        hint="start the node where Ray's python is the first on the PATH: ray start --head",
    )


def fetch_checkpoints(place: Place, work: Work, rank: int, workers: int) -> None:
    """Bring a worker's checkpoints to its machine, unless it sees them where they are.

    Args:
        place: of the job.
        work: the folder of the worker.
        rank: of it.
        workers: that train: what one of them lacks is of no use to the others.

    Raises:
        PlatformError: the storage cannot be read.
    """
    if place.storage.local(place.path(CHECKPOINTS)) is None:
        for step in checkpoints.common(place.storage, place.name, workers)[-KEPT:]:
            there = checkpoints.path_of(place.name, rank, step)
            place.storage.download(there, work.checkpoints / f"rank-{rank}" / f"step-{step}")


def write_request(place: Place, work: Work, body: Mapping[str, Any], processes: int) -> None:
    """Write the request of the engine, with everything that it names on this machine.

    Args:
        place: of the job.
        work: the folder of this worker.
        body: of the job's request, without the part ``ray``.
        processes: that train.

    Raises:
        MlccError: a path leaves the storage.
        PlatformError: something is not in the storage, or the disk refuses.
    """
    given = dict(body)
    for name in ("dataset", "validation"):
        if given.get(name):
            given[name] = str(_file(place, work, str(given[name])))
    start = given.get("start") or {}
    if start:
        given["start"] = {**start, "path": str(_folder(place, work, str(start["path"]), "start"))}
    if _is_inside(place.storage, str(given["model"])):
        same = start and given["model"] == start["path"]
        found = given["start"]["path"] if same else None
        given["model"] = found or str(_folder(place, work, str(given["model"]), "model"))
    evaluator = given.get("evaluator")
    if evaluator:
        given["evaluator"] = {**evaluator, "value": _evaluator(place, work, evaluator)}
    given |= {"job": place.name, "output": str(work.output), "processes": processes}
    given.setdefault("platform", "ray")
    asked = request.parse(given)
    text = json.dumps(asked.as_json(), ensure_ascii=False)
    with disk_errors(work.folder, doing="write the request"):
        (work.folder / request.FILE).write_text(text, encoding="utf-8")


def _evaluator(place: Place, work: Work, evaluator: Mapping[str, Any]) -> str:
    """Return a reward function or a judge's prompt as a file of this machine."""
    value = str(evaluator["value"])
    if evaluator.get("kind") != "function":
        return str(_file(place, work, value))
    path, mark, name = value.partition(".py:")
    return f"{_file(place, work, f'{path}.py')}:{name}" if mark else str(_file(place, work, value))


def _file(place: Place, work: Work, text: str) -> Path:
    path = _path(place, text)
    local = place.storage.local(path)
    if local is not None:
        place.storage.open_read(path).close()  # which says what is wrong where it is not there
        return local
    target = work.folder / "files" / path
    with disk_errors(target, doing=f"copy {text}"):
        target.parent.mkdir(parents=True, exist_ok=True)
        with place.storage.open_read(path) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, BLOCK)
    return target


def _folder(place: Place, work: Work, text: str, name: str) -> Path:
    path = _path(place, text)
    local = place.storage.local(path)
    if local is not None and local.is_dir():
        return local
    target = work.folder / name
    place.storage.download(path, target)
    return target


def _path(place: Place, text: str) -> str:
    """Return the path within the storage that a request names."""
    if _is_inside(place.storage, text):
        return text.removeprefix(f"{place.storage.uri}/")
    if "://" in text:
        raise MlccError(f"{text} is not in the storage {place.storage.uri}.", where="request.json")
    return place.path(text)


def _is_inside(storage: Storage, text: str) -> bool:
    return text.startswith(f"{storage.uri}/")


def _remove_left(top: Path) -> None:
    for folder in top.iterdir():
        pid = folder.name.rpartition(".")[2]
        if pid.isdecimal() and not _lives(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
