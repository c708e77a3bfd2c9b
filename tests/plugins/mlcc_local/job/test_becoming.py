"""The process that forecast a job becomes the job's, as if a new one had been started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlcc_core.contract.job import JobState, TrainingSpec
from mlcc_core.contract.platform.values import Context
from mlcc_folders.job import folders, process
from mlcc_local import Local
from tests.plugins.mlcc_local.conftest import with_request

pytestmark = pytest.mark.slow

Until = Callable[..., JobState]

FORECAST_AND_DIE = """
import os, signal, sys
from pathlib import Path
from mlcc_core import Context, DatasetRef, TrainingSpec
from mlcc_local import plugin
root = Path(sys.argv[1])
context = Context(root=root, project="demo")
spec = TrainingSpec("demo", "sft", "trl:SFTTrainer", "mlcc-tiny", "lora", {}, {}, {},
                    DatasetRef(str(root / "train.jsonl"), "abc", 1))
request = plugin.runner.build_request(context, spec)
plugin.runner.forecast(context, spec, request)
plugin.runner.submit(context, sys.argv[2], request)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def local(context: Context) -> Iterator[Local]:
    platform = Local()
    yield platform
    for name in platform.runner.list_jobs(context, ""):
        platform.runner.stop(context, name)


def start(local: Local, context: Context, spec: TrainingSpec, name: str) -> folders.JobFolder:
    request = local.runner.build_request(context, spec)
    local.runner.submit(context, name, request)
    return folders.find(context.root, name)


def test_it_learns_the_same(
    local: Local, context: Context, spec: Callable[..., TrainingSpec], until: Until
) -> None:
    weights = []
    for name, forecast in (("alone", False), ("forecast", True)):
        if forecast:
            assert local.runner.forecast(*with_request(local, context, spec()))
        job = start(local, context, spec(), name)
        done = until(name, lambda state: state.final)
        assert done.status == "completed", done.reason
        weights.append((job.output / "adapter_model.safetensors").read_bytes())
        assert job.log.read_text().startswith("trl:SFTTrainer on mlcc-tiny")
    assert weights[0] == weights[1]


def test_it_is_the_same_process(
    local: Local, context: Context, spec: Callable[..., TrainingSpec]
) -> None:
    local.runner.forecast(*with_request(local, context, spec()))
    worker = local.runner._worker._child._process.pid
    long = spec(hyperparameters={"num_train_epochs": 5000})
    job = start(local, context, long, "long")
    assert process.owner(job.lock) == worker
    local.runner.stop(context, "long")
    assert local.runner.describe(context, "long").status == "stopped"


def test_one_that_has_ended_meanwhile_is_replaced(
    local: Local, context: Context, spec: Callable[..., TrainingSpec], until: Until
) -> None:
    local.runner.forecast(*with_request(local, context, spec()))
    child = local.runner._worker._child._process
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    start(local, context, spec(), "later")
    assert until("later", lambda state: state.final).status == "completed"


def test_it_outlives_the_command(
    local: Local, context: Context, dataset: Path, until: Until
) -> None:
    words = [sys.executable, "-c", FORECAST_AND_DIE, str(context.root), "orphan"]
    ended = subprocess.run(words, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    done = until("orphan", lambda state: state.final)
    assert done.status == "completed", done.reason
