"""The first moments of a job's process: take the job's lock, say so, become the trainer.

Run as a script, ``launcher.py FOLDER READY DEADLINE COMMAND…``, by :mod:`mlcc_folders.job.process`;
a process that becomes a job in the midst of its life calls :func:`take_lock`.

* it forks, and the parent leaves at once: the job is not a child of the command, which
  therefore need not wait for it, and it outlives the command;
* the lock is taken under another name and then renamed: a file ``lock`` that no process holds means
  that the process which held it is dead, never that one is about to take it;
* a lock taken with ``fcntl`` survives ``exec`` and dies with the process, and only with it: a
  worker that the trainer forks does not inherit it.

It imports nothing but the standard library, so that it takes its lock within milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from contextlib import suppress
from pathlib import Path


def main(folder: Path, ready: int, deadline: float, command: list[str]) -> None:
    """Become ``command`` under the lock of the job in ``folder``.

    Args:
        folder: of the job.
        ready: a pipe that is told, with one byte, that the lock is held.
        deadline: as :func:`take_lock` takes it.
        command: an absolute program and its arguments.
    """
    if os.fork():
        os._exit(0)
    os.set_inheritable(take_lock(folder, deadline), True)
    with suppress(OSError):
        os.write(ready, b"1")
    os.close(ready)
    os.execv(command[0], command)  # noqa: S606 - the job itself


def take_lock(folder: Path, deadline: float) -> int:
    """Make this process the one of the job in ``folder``, or exit with the reason.

    Args:
        folder: of the job.
        deadline: seconds of this machine's monotonic clock, which nothing sets, after which the
            job counts as never started, so it must not.

    Returns:
        A descriptor that has to stay open: closing it lets go of the lock.

    Raises:
        SystemExit: it is too late, or the job was stopped before it began.
        OSError: the lock cannot be taken.
    """
    if time.monotonic() > deadline:
        sys.exit("The job came too late to be started.")
    draft, target = folder / ".lock", folder / "lock"
    # A draft may be left of a process that was killed right here; one that is held is not.
    lock = os.open(draft, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not draft.exists() or not os.path.samestat(os.fstat(lock), draft.stat()) or is_held(target):
        sys.exit("Another process runs the job.")
    draft.rename(target)
    if (folder / "stop").exists():
        sys.exit("The job was stopped before it began.")
    return lock


def is_held(lock: Path) -> bool:
    """Return whether another process holds ``lock``."""
    try:
        file = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)  # lets go of it again
    return False


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
    except OSError as error:
        sys.exit(f"The job cannot be started: {error}")
