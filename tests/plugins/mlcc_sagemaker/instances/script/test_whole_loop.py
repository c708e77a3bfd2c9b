"""A user's script by ``mlcc train --script`` in a container: followed, stopped, gone on with."""

from __future__ import annotations

import json
from ast import literal_eval

import pytest

from tests.plugins.mlcc_sagemaker.conftest import BUCKET, set_variable

pytest.importorskip("sagemaker.core")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SCRIPT = """
import argparse, json, os, sys, time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
epochs = parser.parse_args().epochs
kept = Path(os.environ["SM_CHECKPOINT_DIR"]) / "state.json"
done = json.loads(kept.read_text()) if kept.exists() else 0
rows = (Path(os.environ["SM_CHANNEL_TRAIN"]) / "rows.txt").read_text().split()
print(f"from epoch {done} with {len(rows)} rows", flush=True)
model = Path(os.environ["SM_MODEL_DIR"])
for epoch in range(done, epochs):
    if epoch:
        (model / "new.json").write_text(json.dumps(epoch + 1))
        os.replace(model / "new.json", kept)  # whole at any time
    print("epoch", epoch + 1, flush=True)
    while epoch == 1 and done == 0:
        time.sleep(0.1)
(model / "model.json").write_text(json.dumps({"rows": rows, "epochs": epochs, "from": done}))
"""

RANKS = """
import os
from pathlib import Path

import torch.distributed as together

together.init_process_group("gloo")
seen = [None] * together.get_world_size()
together.all_gather_object(seen, (together.get_rank(), os.environ["SM_CURRENT_HOST"]))
if together.get_rank() == 0:
    (Path(os.environ["SM_MODEL_DIR"]) / "seen.txt").write_text(repr(seen))
together.destroy_process_group()
"""


@pytest.fixture
def run_script(account, mlcc):
    set_variable(mlcc, TRAIN_INSTANCE_TYPE="ml.m5.xlarge")
    (mlcc.project / "rows.txt").write_text("one two three")

    def run_script(source, *more):
        (mlcc.project / "own.py").write_text(source)
        words = ("train", "--script", str(mlcc.project / "own.py"), "--poll-interval", "0.1")
        return mlcc(*words, *more)

    return run_script


def test_a_script_is_taken_back_and_what_it_left_is_named(run_script, account, mlcc):
    words = ("--hyperparameter", "epochs=3", "--input", f"train={mlcc.project / 'rows.txt'}")
    account.containers.once_saved("state.json", "take")
    ran = run_script(SCRIPT, *words, "--spot")
    assert ran.code == 0, ran
    assert "the script finds its checkpoints again" in ran.err
    (job,) = account.jobs.all()
    place = f"demo/tune/script/{job.name}/"
    assert f"left is in s3://{BUCKET}/{place}output/model" in ran.out
    left = account.objects(BUCKET, f"{place}output/model/model.json").values()
    assert [json.loads(data) for data in left] == [
        {"rows": ["one", "two", "three"], "epochs": 3, "from": 2}
    ]
    assert f"aws s3 rm --recursive s3://{BUCKET}/{place}checkpoints/" in ran.out
    assert list(account.objects(BUCKET, f"{place}checkpoints/")) == [
        f"{place}checkpoints/state.json"
    ]
    assert "from epoch 2 with 3 rows" in mlcc("logs", "script", "-f").out
    assert "completed" in mlcc("train", "--status").out
    again = run_script(SCRIPT, *words, "--spot")
    assert again.code == 0, again
    assert len(account.jobs.all()) == 1
    assert account.trap.hosts == []


@pytest.mark.full
def test_two_instances_meet_by_torchrun(run_script, account):
    pytest.importorskip("torch")
    ran = run_script(RANKS, "--instance-count", "2")
    assert ran.code == 0, ran
    (job,) = account.jobs.all()
    key = f"demo/tune/script/{job.name}/output/model/seen.txt"
    seen = account.objects(BUCKET, key)[key].decode()
    assert [rank for rank, _ in literal_eval(seen)] == [0, 1]
    assert len({host for _, host in literal_eval(seen)}) == 2
