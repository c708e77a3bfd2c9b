"""``deploy --to bedrock`` killed at any request: in the end one import, and one model.

``--full`` kills 12 times instead of 4.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.bedrock.conftest import jobs, models
from tests.plugins.mlcc_sagemaker.conftest import QWEN
from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
PROGRAM = "import sys; from mlcc_core.cli.main import run; sys.exit(run(sys.argv[1:]))"
REQUESTS = 40
"""More than a whole command makes, so that some are not killed at all."""


def start(project, site, words):
    paths = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    environment = {**os.environ, "MLCC_PROJECT": str(project), "PYTHONPATH": ":".join(paths)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_at(process, account, request):
    """Kill once so many requests were made; return the exit code."""
    until = time.monotonic() + 60
    while process.poll() is None and len(account.log.calls()) < request:
        assert time.monotonic() < until
        time.sleep(0.001)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return process.returncode


@pytest.mark.timeout(300)
def test_killed_at_random(project, stored, tmp_path, pytestconfig):
    site = make_installable(tmp_path / "site")
    stored.inject("", "slow", times=None, seconds=0.01)
    stored.imports.most_models = 50
    killed = 0
    kills = 12 if pytestconfig.getoption("--full") else 4
    for attempt in range(kills):
        name, folder = f"tuned-{attempt}", tmp_path / f"whole-{attempt}"
        folder.mkdir()
        for file, data in outputs.full_model(f"{QWEN}-{attempt}", "").items():
            (folder / file).write_bytes(data)
        words = (
            *("deploy", "--to", "bedrock", "--model-data", str(folder)),
            *("--name", name, "--yes"),
        )
        stored.log.clear()
        request = random.Random(attempt).randint(1, REQUESTS)
        killed += kill_at(start(project.project, site, words), stored, request) == -signal.SIGKILL
        for _ in range(2):
            ran = project(*words)
            assert ran.code == 0, (attempt, ran)
        assert len([job for job in jobs(stored) if f"-{name}-" in job]) == 1
    assert killed >= kills // 2, "too few were killed for this to say anything"
    assert models(stored) == sorted(f"tuned-{attempt}" for attempt in range(kills))
    assert stored.trap.hosts == []
