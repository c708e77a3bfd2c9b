"""A Ray cluster of one machine, in a network of its own: nothing outside reaches it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlcc_engine import orphans

KEEPER = Path(__file__).with_name("namespace_keeper.py")
CLONE_NEWNET = 0x40000000
DASHBOARD_PORT = 8265

GCS_PORTS = range(20_000, 32_000)
"""Ray takes a cluster of another network of this machine for its own where their ports are one."""

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""Variables that a cluster gets of this process; nothing of a test leaks into it."""

QUICK = {
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.5",
    "RAY_worker_niceness": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DASHBOARD_ENABLE_AGENT_HEALTH_CHECK": "0",
    "PYTHONDONTWRITEBYTECODE": "",
    "OMP_NUM_THREADS": "1",
    "GOMP_SPINCOUNT": "1000",
    "TOKENIZERS_PARALLELISM": "false",
}


class NoNamespace(Exception):
    """This system lets nobody make a network namespace."""


class Cluster:
    """A head node with ``cpus`` logical CPUs, in a network namespace of its own.

    Attributes:
        address: of the Jobs API, reached from within :meth:`entered` alone.
        folder: of the cluster's logs and sockets; its path is short, as sockets need it.
        storage: a folder for a test's storage, which is emptied by nobody.
        home: the home of the cluster's processes.
    """

    def __init__(self, cpus: int = 4) -> None:
        self.cpus = cpus
        self.address = f"http://127.0.0.1:{DASHBOARD_PORT}"
        self.folder = Path(tempfile.mkdtemp(prefix="mr-"))
        self.home = self.folder / "home"
        self.home.mkdir()
        self.log = self.folder / "keeper.log"
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", str(KEEPER), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        said = self._answer()
        if said != "ready":
            self.close()
            raise NoNamespace(said or "no network namespace")

    @property
    def pid(self) -> int:
        """Return the id of the process below which all of the cluster runs."""
        return self._keeper.pid

    @property
    def gcs_port(self) -> int:
        """Return the port of the head node, which no other cluster of this machine has."""
        return GCS_PORTS[self.pid % len(GCS_PORTS)]

    def start(self) -> None:
        """Start the head node, without any memory of an earlier one."""
        self._ray(
            "--head",
            f"--port={self.gcs_port}",
            "--dashboard-host=127.0.0.1",
            f"--dashboard-port={DASHBOARD_PORT}",
            "--include-dashboard=true",
            f"--num-cpus={self.cpus}",
        )

    def add_node(self, cpus: int) -> list[int]:
        """Start another node on this machine; returns the ids of its processes."""
        before = set(self.processes())
        self._ray(f"--address=127.0.0.1:{self.gcs_port}", f"--num-cpus={cpus}")
        return sorted(set(self.processes()) - before)

    def kill(self) -> None:
        """End every process of the cluster at once, its jobs included."""
        self._send({"kill": True})
        self._answer()

    def processes(self) -> list[int]:
        """Return the ids of all processes of the cluster."""
        return orphans.descendants(self.pid)

    def matching(self, *words: str) -> list[int]:
        """Return the ids of the cluster's processes whose command line has all these words."""
        return [pid for pid in self.processes() if all(word in command(pid) for word in words)]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put this thread, and whatever it starts, into the cluster's network."""
        libc = ctypes.CDLL(None, use_errno=True)
        mine = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            if libc.setns(theirs, CLONE_NEWNET):
                raise NoNamespace(os.strerror(ctypes.get_errno()))
            try:
                yield
            finally:
                libc.setns(mine, CLONE_NEWNET)
        finally:
            os.close(mine)
            os.close(theirs)

    def environment(self) -> dict[str, str]:
        """Return the variables that the cluster's processes have."""
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        path = f"{Path(sys.executable).parent}{os.pathsep}{passed.get('PATH', os.defpath)}"
        home = {"HOME": str(self.home), "HF_HOME": str(self.home / "hf"), "HF_HUB_OFFLINE": "1"}
        return {**passed, **QUICK, **home, "PATH": path}

    def close(self) -> None:
        """End the cluster and its network, and remove its folder."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        try:
            self._keeper.wait(60)
        finally:
            self._keeper.kill()
            self._keeper.wait()
            if self._keeper.stdout is not None:
                self._keeper.stdout.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _ray(self, *words: str) -> None:
        ray = Path(sys.executable).with_name("ray")
        command = [
            *(sys.executable, str(ray), "start", "--node-ip-address=127.0.0.1"),
            *("--disable-usage-stats", "--object-store-memory=100000000"),
            *words,
            *((f"--temp-dir={self.folder}/ray",) if "--head" in words else ()),
        ]
        self._send({"run": command, "env": self.environment(), "log": str(self.log)})
        code = self._answer()
        if code != "0":
            raise RuntimeError(f"ray start ended with {code}: {self.log.read_text()}")

    def _send(self, document: Mapping[str, object]) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(json.dumps(document) + "\n")
        self._keeper.stdin.flush()

    def _answer(self) -> str:
        assert self._keeper.stdout is not None
        return self._keeper.stdout.readline().strip()


def command(pid: int) -> str:
    """Return the command line of a process; empty where it has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace")


def wait_until(
    found: Callable[[], object], seconds: float, what: str | Callable[[], str]
) -> object:
    """Call ``found`` until it returns something true, for at most so long.

    Returns:
        That.
    """
    deadline = time.monotonic() + seconds
    while not (value := found()):
        late = time.monotonic() > deadline
        assert not late, f"after {seconds:g} s: {what() if callable(what) else what}"
        time.sleep(0.05)
    return value
