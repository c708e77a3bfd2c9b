"""The cluster of the tests: its network is its own, and nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mlcc_engine import orphans
from tests.plugins.mlcc_ray.ray_cluster import DASHBOARD_PORT, Cluster, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
HOLD = """
import sys, time
from tests.plugins.mlcc_ray.ray_cluster import Cluster
cluster = Cluster()
cluster._send({"run": [sys.executable, "-c", "import os, time; os.fork() or time.sleep(600)"],
               "env": {}, "log": str(cluster.log)})
print(cluster.pid, cluster.folder, flush=True)
time.sleep(600)
"""


def test_the_cluster_answers_within_its_network_alone(running_cluster: Cluster) -> None:
    def asked() -> bytes:
        with urllib.request.urlopen(f"{running_cluster.address}/api/version", timeout=20) as answer:
            return bytes(answer.read())

    with running_cluster.entered():
        assert b"ray_version" in asked()
        with socket.socket() as outward, pytest.raises(OSError, match="unreachable"):
            socket.socket.__base__.connect(outward, ("192.0.2.1", 80))
    with socket.socket() as outside:
        assert outside.connect_ex(("127.0.0.1", DASHBOARD_PORT)) != 0


def test_nothing_outlives_a_killed_test_process() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/libs"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    keeper, folder = holder.stdout.readline().split()
    wait_until(lambda: len(orphans.descendants(int(keeper))) >= 1, 20, "no child")
    below = [int(keeper), *orphans.descendants(int(keeper))]
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    wait_until(lambda: not set(below) & orphans.processes().keys(), 20, f"{below} live on")
    wait_until(lambda: not Path(folder).exists(), 20, f"{folder} is left")
