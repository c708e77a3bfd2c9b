"""The numbers of a job under the names, and in the places, that jobs on this machine have."""

from __future__ import annotations

import json

import pytest

from mlcc_engine.heldout.measure import HELD_OUT_BY_NAME, WORD_BY_NAME
from mlcc_sagemaker.job.metrics import known_name
from mlcc_sagemaker.job.progress import progress_of
from tests.plugins.mlcc_sagemaker.conftest import lines

NUMBERS = {"train:loss": 0.5, "eval:loss": 0.75, "train:learning_rate": 1e-5}
METRICS = {"held_out_loss": 0.75, "learning_rate": 1e-5}


@pytest.mark.parametrize(("name", "word"), [*HELD_OUT_BY_NAME.items(), *WORD_BY_NAME.items()])
def test_the_words_of_both_are_the_same(name, word):
    assert known_name(name) == word


def test_a_job_that_is_over_has_no_time_left():
    info = {"CurrentEpoch": 1, "MaxEpoch": 1, "CurrentStep": 2, "TotalStepCountPerEpoch": 2}
    assert (
        progress_of({"TrainingJobStatus": "Completed", "ProgressInfo": info}).seconds_left is None
    )


@pytest.mark.slow
def test_every_document_has_the_losses_at_the_same_place(ready, account):
    pytest.importorskip("sagemaker.core")
    account.jobs.metrics = lambda job: NUMBERS
    account.bucket("raw", {"train.jsonl": lines("sft"), "held.jsonl": lines("sft")})
    words = ("--technique", "sft", "--dataset", "s3://raw/train.jsonl", "--poll-interval", "0.01")
    done = json.loads(ready("tune", *words, "--json").out)
    status = json.loads(ready("tune", "--status", "--json").out)["jobs"][0]
    for progress in (done["state"]["progress"], status["progress"]):
        assert (progress["loss"], progress["metrics"]) == (0.5, METRICS)
    (listed,) = json.loads(ready("runs", "list", "--json").out)["runs"]
    shown = json.loads(ready("runs", "show", done["job"], "--json").out)["run"]
    for metrics in (done["record"]["metrics"], listed["metrics"], shown["metrics"]):
        assert metrics == {"loss": 0.5, **METRICS}
    assert listed["held_out"]["metric"] == "held_out_loss"
    assert done["state"]["details"]["held-out loss"].startswith("0.75 ")
