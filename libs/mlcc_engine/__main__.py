"""``python -m mlcc_engine [--detached | --parent PID] FOLDER``: train ``FOLDER/request.json``.

Writes ``progress.jsonl`` while it goes and ``result.json`` at the end, prints plain lines, and
ends with the documented exit codes. SIGTERM stops it, and so does the death of its parent unless
it is detached; its death is noticed even while Python starts if the caller gives its own id. A
detached one whose folder has no file ``stop`` saves a checkpoint first, after the step at hand.
Nothing half-written is left behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlcc_core import MlccError
from mlcc_engine import api, job_result, orphans, request
from mlcc_engine.checkpoint.store import Store
from mlcc_engine.checkpoint.told_to_end import ToldToEnd
from mlcc_engine.devices import usable_cores
from mlcc_engine.job_result import JobResult
from mlcc_engine.listener import Listener, State, Stopped
from mlcc_engine.ranks import blame
from mlcc_engine.ranks.launch import become_agent
from mlcc_engine.ranks.world import RANKS, this_process

STOP = "stop"
"""The file in a job's folder that says that its user stops it."""

TOLD_TO_END = (
    "The training process was told to end by something other than mlcc: this machine shuts down, "
    "or someone sent it SIGTERM."
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The words and the patience of a caller that keeps checkpoints when the process is to end.

    Attributes:
        grace: seconds that the step at hand and its checkpoint may take; ``None`` for the usual.
        reason: why a process is told to end.
        hint: the command with which it goes on.
        on_state: told of the states of the training, by the first process.
        forgets: what only a training that goes on needs is removed once the result is written. A
            caller that copies the output away first keeps it until then.
    """

    grace: float | None = None
    reason: str = TOLD_TO_END
    hint: str | None = None
    on_state: Callable[[State], object] = lambda state: None
    forgets: bool = True


def main(folder: Path, parent: int | None, keeping: Keeping | None = None) -> int:
    """Train the job in ``folder``.

    Args:
        folder: with the request.
        parent: the process whose death ends this one; ``None`` for none.
        keeping: a checkpoint is saved when the process is told to end while its parent lives; by
            default where it has none.

    Returns:
        The exit code of the process.
    """
    if keeping is None and parent is None:
        keeping = Keeping()
    world = this_process()
    if not world.leads:
        # One of them speaks for all; an error of another one still shows.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    watched = parent if world.size == 1 else os.getppid()
    told = ToldToEnd(
        lambda: (
            keeping is not None
            and not (folder / STOP).exists()
            and (watched is None or os.getppid() == watched)
        ),
        keeping.grace if keeping else None,
    )

    tell = keeping.on_state if keeping is not None and world.leads else Listener().on_state

    def enter(state: State) -> None:
        told.enter(state)
        tell(state)

    listener = Listener(on_state=enter, ends_soon=lambda: told.soon)
    try:
        told.listen()
        if watched is not None:
            orphans.stop_with_parent(watched, partial(os.kill, os.getpid(), signal.SIGTERM))
        asked = request.read(folder)
        if asked.processes > world.size:
            become_agent(folder, asked.processes, parent, usable_cores())
        ended = api.train(asked, world.folder(folder), listener, alone=True)
        told.ignore()
    except Stopped:
        ended = JobResult("stopped", reason="Stopped before it was finished.")
    except MlccError as error:
        ended = job_result.failure(error)
    by_user = (folder / STOP).exists()
    if not by_user:
        ended = explained(ended, keeping)
    write(world.folder(folder), ended)
    if world.leads and (keeping is None or keeping.forgets):
        forget(folder, ended, by_user=by_user)
    orphans.end_children()
    print(f"{ended.state}: {ended.reason or ended.output}", flush=True)
    return int(ended.exit_code)


def explained(ended: JobResult, keeping: Keeping | None) -> JobResult:
    """Return the result of a process with the cause of its end: another one's failure, maybe.

    Args:
        ended: its result, as it saw it; not that its user stopped it.
        keeping: as :func:`main` takes it.
    """
    if ended.interrupted or ended.state == "stopped":
        if cause := blame.told():
            return cause
        if ended.state == "stopped" and keeping is not None:
            return JobResult("failed", fault="platform", reason=keeping.reason, hint=keeping.hint)
    blame.tell(ended)
    return ended


def forget(folder: Path, ended: JobResult, *, by_user: bool) -> None:
    """Remove what only a training that goes on needs, unless this one may."""
    api.forget(folder, ended)
    if by_user:
        Store(folder).clear()
    if by_user or not (ended.interrupted or ended.state == "stopped"):
        shutil.rmtree(folder / RANKS, ignore_errors=True)


def write(folder: Path, ended: JobResult) -> None:
    """Write down how the job ended; on a full disk one of two checkpoints makes room."""
    try:
        job_result.write(folder, ended)
    except OSError:
        Store(folder).keep_newest()
        job_result.write(folder, ended)


def parse(words: Sequence[str]) -> tuple[Path, int | None]:
    """Read the command line: the folder, and the parent to end with."""
    parser = argparse.ArgumentParser(prog="python -m mlcc_engine", description=__doc__)
    caller = parser.add_mutually_exclusive_group()
    caller.add_argument("--detached", action="store_true", help="outlive the parent")
    caller.add_argument("--parent", type=int, default=os.getppid(), metavar="PID")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(words)
    return given.folder, None if given.detached else given.parent


if __name__ == "__main__":
    sys.exit(main(*parse(sys.argv[1:])))
