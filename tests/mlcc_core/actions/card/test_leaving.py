"""Nothing that leaves tells a path, a host, an account or a secret."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.actions.card.card import card_text
from mlcc_core.actions.card.leaving import Leaving

SECRET = "q9Zx7Lw2Vt5Rk8Mn"
FORMS = (
    "s3://{s}@bucket-of-us/data/{n}",
    "s3://AKIA{s}:pw@bucket-of-us/{n}",
    "https://me:{s}@data.internal:8443/sets/{n}?X-Amz-Signature={s}&token={s}",
    "http://gpu-box:8000/v1?key={s}#org/judge",
    "hf://org/data?token={s}",
    "/home/{s}/data/{n}",
    "/Users/{s}/my files/{n}",
    "~/{s}/{n}",
    "../{s}/{n}",
    "work/{s}/{n}",
    "/mnt/{s}/reward.py:func",
    "file:///home/{s}/{n}",
    "{s}@gpu-box:/data/{n}",
    "gpu-box.internal:22",
    "hf_{s}AbCdEf12",
    "sk-{s}AbCdEf12",
)
NAMES = st.sampled_from(("train.jsonl", "rows.parquet", "a b.jsonl", "set"))
TEXTS = st.builds(lambda form, name: form.format(s=SECRET, n=name), st.sampled_from(FORMS), NAMES)


def shows(text: str) -> list[str]:
    """What must not be in a text."""
    user = f"/{os.environ.get('USER', 'nobody')}/"
    wrong = (SECRET, "bucket-of-us", "data.internal", "gpu-box", socket.gethostname() + ":", user)
    return [each for each in (*wrong, "/home/", "/Users/", "/mnt/", "~/") if each in text]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.sampled_from(("", "rows of ", "Held out: '")), text=TEXTS)
def test_a_text_keeps_names_alone(leaving, before, text):
    assert shows(leaving.text(before + text)) == []
    assert shows(leaving.place(text)) == []
    assert shows(str(leaving.value("--dataset", {"a": [text]}))) == []


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=st.lists(TEXTS, min_size=8, max_size=8))
def test_a_card_keeps_names_alone(session, record, found):
    given = {
        "technique": "fake",
        "dataset": found[0],
        "validation": found[1],
        "scorer": found[2],
        "set": {"path": found[3], "api_key": SECRET},
    }
    hostile = record.model_copy(
        update={
            "dataset": found[4],
            "given": given,
            "asked": {**record.asked, "--scorer": found[2], "--judge": found[5]},
            "command": f"./do/tune --technique fake --dataset '{found[0]}' --scorer '{found[2]}' "
            f"--set path='{found[3]}' --set api_key={SECRET}",
            "held_out": f"Held out: the rows of {found[1]}",
            "forecast": [f"⚠️  3 rows of {found[6]} lose their end", "Device: CPU", "Memory: 2 GB"],
            "problem": f"differs: {found[7]}",
        }
    )
    text = card_text(session, hostile, place="org/tuned")
    assert shows(text) == []
    assert "lose their end" in text
    assert "- Device: CPU" in text
    assert "Memory" not in text


@pytest.fixture
def record(world):
    return world.finished()


@pytest.fixture
def session(world):
    return world.session()


@pytest.fixture
def leaving(session):
    return Leaving(session)


def test_names_stay_readable(world):
    leaving = Leaving(world.session())
    kept = (
        "Qwen/Qwen3-0.6B",
        "fake-hub://org/data?split=train",
        "Held out: 10 of 60 rows (16.7 %, by content)",
        "trl:SFTTrainer",
        "and/or, 1/2, 16.7 %",
    )
    assert [leaving.text(text) for text in kept] == list(kept)
    assert leaving.text("/home/x/reward.py:func") == "reward.py:func"
    assert leaving.text("data/train.jsonl") == "train.jsonl"
    assert leaving.place("https://judge.example.org/v1#org/judge") == "org/judge"
    assert leaving.text("org/model@0123abc") == "org/model@0123abc"


def test_a_command_can_still_be_read(world):
    text = f"./do/tune --technique fake --dataset {world.root}/sets/train.jsonl --epochs 3"
    shown = Leaving(world.session()).command(text)
    assert shown == "mlcc tune --technique fake --dataset train.jsonl --epochs 3"
