"""The process of a job: start it, ask whether it lives, signal it.

Alive means that the job's lock is held. A process id in a file would prove nothing: ids are
reused.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mlcc_core import PlatformError
from mlcc_folders.job.folders import JobFolder

LAUNCHER = Path(__file__).with_name("launcher.py")

FLOCK, TYPE, OWNER = (
    ("qqihh", 3, 2)  # macOS: start, length, pid, type, whence
    if sys.platform == "darwin"
    else ("hhqqi4x", 0, 4)  # Linux, 64 bit: type, whence, start, length, pid
)
"""``struct flock``, and where in it the lock's type and its owner are."""

POLL = 0.05


def start(folder: JobFolder, command: Sequence[str], root: Path, patience: float) -> bool:
    """Start ``command`` as the process of the job, in a session of its own.

    Args:
        folder: of the job.
        command: an absolute program and its arguments.
        root: the folder it runs in.
        patience: seconds within which it must begin, or must not any more.

    Returns:
        Whether the process holds the job's lock now and has become ``command``.

    Raises:
        OSError: no process can be started at all.
    """
    reader, writer = os.pipe()
    try:
        with folder.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own launcher
                [
                    sys.executable,
                    *("-I", "-S", str(LAUNCHER)),
                    *(str(folder.path), str(writer), str(time.monotonic() + patience)),
                    *command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=root,
                start_new_session=True,
                pass_fds=(writer,),
            )
        process.wait()
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    with os.fdopen(reader, "rb") as ready:
        return ready.read() == b"1"


def owner(lock: Path) -> int | None:
    """The id of the process that holds ``lock``; ``None`` if none does.

    It only asks: it never takes the lock, not even for a moment.

    Raises:
        PlatformError: the file system does not say.
    """
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlatformError(f"Cannot read {lock}: {error.strerror}.") from None
    try:
        question = [0] * 5
        question[TYPE] = fcntl.F_WRLCK
        answer = struct.unpack(
            FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(FLOCK, *question))
        )
    except OSError as error:
        raise PlatformError(f"Cannot ask for the lock {lock}: {error.strerror}.") from None
    finally:
        os.close(file)
    return None if answer[TYPE] == fcntl.F_UNLCK else int(answer[OWNER])


def wait_until_gone(lock: Path, seconds: float) -> bool:
    """Return whether the holder of ``lock`` let go of it within ``seconds``."""
    end = time.monotonic() + seconds
    while owner(lock) is not None:
        if time.monotonic() >= end:
            return False
        time.sleep(POLL)
    return True


def send(lock: Path, number: signal.Signals) -> None:
    """Signal the process that holds ``lock``, and no other; do nothing if none does.

    ``SIGKILL`` also reaches the processes that it started.

    Raises:
        PlatformError: it belongs to another user, or runs in another container.
    """
    pid = owner(lock)
    if pid is None:
        return
    if pid <= 0:
        raise PlatformError(
            "The job's process runs in another container or on another machine.",
            hint="stop it from there",
        )
    try:
        group = os.getpgid(pid)
        _send_to(pid, lock, number)
        if number is signal.SIGKILL and group != os.getpgrp():
            os.killpg(group, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise PlatformError(
            f"The job's process {pid} belongs to another user.", hint="ask that user to stop it"
        ) from None


def _send_to(pid: int, lock: Path, number: signal.Signals) -> None:
    if not hasattr(os, "pidfd_open"):
        os.kill(pid, number)
        return
    handle = os.pidfd_open(pid)
    try:
        # The handle pins the process; only then is it certain that the lock's owner is meant.
        if owner(lock) == pid:
            signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)
