"""No process is left behind: worker processes end with the trainer, and that with its caller.

A process that is killed cannot end its own children. So a small one beside it (this file, run as a
script) notes the children that a training starts, and ends them once their parent is gone. It
imports nothing but the standard library.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

LOOK_SECONDS = 0.25

GRACE = 20.0
"""Seconds that a training has to stop by itself once its parent is gone."""

Process = tuple[int, str]
"""The id of a process and the time of its start: ids are used again."""


@contextmanager
def ended_with_this_process() -> Iterator[None]:
    """End what is started within the block as soon as this process dies, however it dies.

    Processes that make a session of their own are left alone, as they mean to stay.
    """
    keeper = None
    with suppress(OSError):
        keeper = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, *("-I", "-S", __file__), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if keeper.stdout is not None:
            keeper.stdout.read(1)  # what is started from here on it sees as new
            keeper.stdout.close()
    try:
        yield
    finally:
        if keeper is not None:
            keeper.kill()
            keeper.wait()


def stop_with_parent(parent: int, stop: Callable[[], object]) -> None:
    """Call ``stop`` once the parent of this process has died; a process that goes on is killed.

    Args:
        parent: its id; another one now means that it has died already.
        stop: asks this process to end.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        stop()
        time.sleep(GRACE)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def keep(trainer: int) -> None:
    """Note the children of ``trainer``, our parent, until it is gone; then end them."""
    session = os.getsid(trainer)
    before = set(_descendants(trainer, processes()))
    os.write(sys.stdout.fileno(), b"1")
    started: set[Process] = set()
    while os.getppid() == trainer:
        started |= set(_descendants(trainer, processes())) - before
        time.sleep(LOOK_SECONDS)
    _end(started, session)


def end_children() -> None:
    """End what this process has started, but for what made a session of its own."""
    _end(set(_descendants(os.getpid(), processes())), os.getsid(0))


def _end(started: set[Process], session: int) -> None:
    running = processes()
    for pid, since in started:
        with suppress(OSError):
            if running.get(pid, (0, ""))[1] == since and os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started, and of theirs."""
    return [child for child, _ in _descendants(pid, processes())]


def _descendants(root: int, running: Mapping[int, tuple[int, str]]) -> Iterator[Process]:
    for pid, (parent, since) in running.items():
        if parent == root and pid != os.getpid():
            yield pid, since
            yield from _descendants(pid, running)


def processes() -> dict[int, tuple[int, str]]:
    """Return the parent and the start of every process, by its id."""
    if Path("/proc/self/stat").exists():
        return dict(_from_proc())
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,lstart="], capture_output=True, text=True, check=False
    )
    lines = (line.split(None, 2) for line in listed.stdout.splitlines())
    return {int(pid): (int(parent), since) for pid, parent, since in lines}


def _from_proc() -> Iterator[tuple[int, tuple[int, str]]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                text = (folder / "stat").read_text(encoding="ascii", errors="replace")
                fields = text.rpartition(")")[2].split()
                yield int(folder.name), (int(fields[1]), fields[19])


if __name__ == "__main__":
    keep(int(sys.argv[1]))
