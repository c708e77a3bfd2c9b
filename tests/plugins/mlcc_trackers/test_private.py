"""Secrets and places of this machine, which no tracker is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core import Context
from mlcc_core.contract.job import Job
from mlcc_trackers.private import shown
from mlcc_trackers.runs import document_of, evaluated_run, numbers_of, run_of
from tests.plugins.mlcc_trackers.evaluations import evaluation

ROOT = Path("/home/ann/proj")
LEAKS = ("/home/ann", "/srv/bob", "secret")
JOB = Job(
    name="p-sft-1",
    platform="local",
    technique="sft",
    training_type="lora",
    model="/srv/bob/models/tiny",
    dataset="postgresql://me:secret@db.example.org/rows",
    asked={
        "--judge-model": "/srv/bob/my judge",
        "--reward-function": f"{ROOT}/rewards.py:score",
        "trainer settings": {"chat_template": "file:///srv/bob/chat.jinja", "more": ["/srv/bob/x"]},
    },
)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/home/ann/proj/data/train.jsonl", "data/train.jsonl"),
        ("file:///home/ann/proj/train.jsonl", "train.jsonl"),
        ("file://localhost/srv/bob/my rows.jsonl", "my rows.jsonl"),
        ("/srv/bob/x.jsonl", "x.jsonl"),
        ("data/train.jsonl", "data/train.jsonl"),
        ("org/name", "org/name"),
        ("s3://bucket/a/b", "s3://bucket/a/b"),
        ("hf://org/name?config=main", "hf://org/name?config=main"),
        ("postgresql://me:secret@db.example.org/rows", "postgresql://db.example.org/rows"),
        ("https://me:secret@judge.example.org/v1?key=secret", "https://judge.example.org/v1"),
        (("/srv/bob/x", 1), ["x", 1]),
        (3, 3),
        (None, None),
    ],
)
def test_a_value_as_a_tracker_is_told(value: object, told: object):
    assert shown(value, ROOT) == told


def test_a_run_tells_neither_secrets_nor_places():
    run = run_of(JOB, Context(ROOT, "p"))
    text = json.dumps([dict(run.tags), dict(run.settings)])
    assert [leak for leak in LEAKS if leak in text] == []
    assert run.tags["mlcc.model"] == "tiny"
    assert run.settings["reward_function"] == "rewards.py:score"


def test_an_evaluation_tells_neither_rows_nor_secrets_nor_places():
    leaky = evaluation(
        None,
        target="/srv/bob/tuned",
        against="/srv/bob/other",
        dataset=f"file://{ROOT}/test.jsonl",
        model="/srv/bob/models/tiny",
    )
    run = evaluated_run(leaky, Context(ROOT, "p"))
    document = document_of(leaky, ROOT)
    text = json.dumps([run.name, dict(run.tags), document])
    assert [leak for leak in (*LEAKS, "private", "srv-bob") if leak in text] == []
    assert (document["dataset"], document["against"]) == ("test.jsonl", "other")
    assert "https://judge.example.org/v1" in text
    assert numbers_of(leaky)["eval/exact/difference"] == 0.5


def test_folders_of_one_name_are_two_runs():
    context = Context(ROOT, "p")
    one, other, ours, base = (
        evaluated_run(evaluation(None, target=target), context).name
        for target in ("/srv/a/tuned", "/srv/b/tuned", f"{ROOT}/out/tuned", "org/model")
    )
    assert one != other
    assert one.startswith("evaluation-tuned-")
    assert (ours, base) == ("evaluation-out-tuned", "evaluation-org-model")
