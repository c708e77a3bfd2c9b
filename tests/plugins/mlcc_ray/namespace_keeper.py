"""A process with a network of its own, ``lo`` alone, in which it starts what it is told to.

Run as a script: ``python -I namespace_keeper.py FOLDER``. It prints ``ready``, or why it cannot,
and then reads commands from standard input, a JSON object a line: ``{"run": [WORDS], "env": {},
"log": PATH}``; it answers each with the exit code. What its commands leave running becomes its own
children. Once its standard input is closed, however its caller ended, it ends all of them, and
removes the folder, which is theirs.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

CLONE_NEWNET = 0x40000000
PR_SET_CHILD_SUBREAPER = 36
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def leave_the_network() -> None:
    """Go to a new network, in which loopback alone is up.

    Raises:
        OSError: this system does not let us.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(any_socket, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | IFF_UP, b""))
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> list[int]:
    """Return the ids of all processes below this one, the youngest last."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                parents[int(folder.name)] = int(fields[1])
    found, below = [], [os.getpid()]
    while below:
        below = [pid for pid, parent in parents.items() if parent in below]
        found += below
    return found


def end_all() -> None:
    """End every process below this one."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        left = children()
        if not left:
            return
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


ended: dict[int, int] = {}
"""How children ended, by their ids."""


def reap(*_: object) -> None:
    """Take leave of children that have ended, whoever started them: none stays as a zombie."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended[pid] = os.waitstatus_to_exitcode(status)


def run(command: dict[str, object]) -> int:
    """Run a command in this network, and return its exit code."""
    with Path(str(command["log"])).open("ab") as log:
        # Its children outlive it and hold the log open; its own end is what is waited for.
        started = subprocess.Popen(
            list(command["run"]),  # type: ignore[call-overload]
            env=command["env"],  # type: ignore[arg-type]
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while started.pid not in ended:
            time.sleep(0.02)
        started.returncode = ended.pop(started.pid)
        return started.returncode


def main() -> None:
    """Serve until standard input ends."""
    try:
        leave_the_network()
    except OSError as error:
        print(f"no network namespace: {error.strerror}", flush=True)
        return
    print("ready", flush=True)
    try:
        for line in sys.stdin:
            command = json.loads(line)
            if command.get("kill"):
                end_all()
                print(0, flush=True)
            else:
                print(run(command), flush=True)
    finally:
        end_all()
        shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap)
    main()
