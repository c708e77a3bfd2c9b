"""``mlcc evaluate --managed`` killed while it creates a job: the same command has one job each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.plugins.mlcc_sagemaker.installed import make_installable, plugin_folder
from tests.plugins.mlcc_sagemaker.managed.test_command import BENCHMARK, sent
from tests.plugins.mlcc_sagemaker.test_kill import PROGRAM, ROOT

pytestmark = pytest.mark.slow

pytest.importorskip("sagemaker.core")


def begin(mlcc, tmp_path):
    """Start the command in a process of its own."""
    site = make_installable(tmp_path / "site")
    paths = [str(path) for path in (site, plugin_folder(), ROOT, ROOT / "libs") if path]
    environment = {**os.environ, "MLCC_PROJECT": str(mlcc.project), "PYTHONPATH": ":".join(paths)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *BENCHMARK],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("how", "number"), [(signal.SIGKILL, 1), (signal.SIGKILL, 2), (signal.SIGINT, 2)]
)
def test_ended_while_a_job_is_created(mlcc, account, run, tmp_path, number, how):
    account.inject("sagemaker:CreateTrainingJob", "slow", times=None, seconds=0.05)
    process = begin(mlcc, tmp_path)
    while process.poll() is None and len(sent(account)) < number:
        time.sleep(0.001)
    os.killpg(process.pid, how)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    assert process.returncode in (-how, 130)
    account.faults.clear()
    names = [job.name for job in account.jobs.all() if "-eval-" in job.name]
    if how == signal.SIGINT:
        assert all(name in err for name in names), err
    listed = mlcc("runs", "list").out
    assert all(f"↻ {name}, an evaluation, goes on with: " in listed for name in names), listed
    ran = mlcc(*BENCHMARK)
    assert ran.code == 0, ran
    assert json.loads(ran.out)["evaluations"][0]["job"] == run
    names = [job.name for job in account.jobs.all() if "-eval-" in job.name]
    assert len(names) == len(set(names)) == 2
    assert "↻" not in mlcc("runs", "list").out
