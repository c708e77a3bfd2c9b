"""The platform with its real engine: seconds each, one training at a time."""

import json
import os
import signal

import pytest

from mlcc_core.contract.job import DatasetRef
from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.contract.platform.chatting import Sampling
from mlcc_core.contract.platform.values import Context
from mlcc_folders.job import folders, process
from mlcc_local import plugin
from tests.plugins.mlcc_local.conftest import NAME, with_request

pytestmark = pytest.mark.slow

TOY = plugin.demo.fallback


@pytest.fixture
def local():
    return plugin


@pytest.fixture
def train(local, context, spec):
    """Submit a training of the demo's dataset."""

    def submit(**changes):
        data = DatasetRef(str(TOY.dataset), "demo", 8)
        request = local.runner.build_request(context, spec(dataset=data, **changes))
        local.runner.submit(context, NAME, request)
        return folders.find(context.root, NAME)

    return submit


def test_demo_learns_what_its_base_does_not_know(local, context, train, until, spec):
    rows = [json.loads(line) for line in TOY.dataset.read_text().splitlines()]
    data = DatasetRef(str(TOY.dataset), "demo", 8)
    lines = local.runner.forecast(*with_request(local, context, spec(dataset=data)))
    assert any("80 steps" in line for line in lines)
    train()
    done = until(NAME, lambda state: state.final)
    assert done.status == "completed", done.reason
    assert done.progress.step == done.progress.steps == 80
    local.serving.add_adapter(context, "tuned", done.artifacts)
    row = next(row for row in rows if row["prompt"] == TOY.questions[0])
    tuned = local.answering.find_subject(context, "tuned")
    base = local.answering.deployed_base(context, "mlcc-tiny")
    prompt = Prompt(({"role": "user", "content": row["prompt"]},))
    with local.answering.open_chat(context, [base, tuned]) as talk:
        for subject in (base, tuned):
            *pieces, _ = talk.reply(subject, prompt, Sampling(max_new_tokens=64))
            learned = "".join(piece.text for piece in pieces) == row["completion"]
            assert learned is (subject is tuned)
    other = Context(context.root / "other", "other")
    assert local.runner.list_jobs(other, "") == []


def test_training_that_is_stopped_leaves_no_output(local, context, train, until):
    job = train(hyperparameters={"num_train_epochs": 5000})
    until(NAME, lambda state: state.progress is not None and state.progress.step > 2)
    local.runner.stop(context, NAME)
    stopped = local.runner.describe(context, NAME)
    assert stopped.status == "stopped"
    assert not job.output.exists()


def test_training_that_is_killed_is_told(context, train, until):
    job = train(hyperparameters={"num_train_epochs": 5000})
    until(NAME, lambda state: state.progress is not None and state.progress.step > 2)
    os.kill(process.owner(job.lock), signal.SIGKILL)
    failed = until(NAME, lambda state: state.final)
    assert (failed.status, failed.fault) == ("failed", "platform")
    assert "step" in failed.reason
    assert not job.output.exists()
