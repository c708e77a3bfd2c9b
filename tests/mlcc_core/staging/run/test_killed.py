"""``tune`` that is told to end, or killed, while it stages: the next run starts from nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mlcc_core.staging.datasets import jsonl
from tests.mlcc_core.staging.read.test_failing_hub import EXPECTED, FORMATS, URI
from tests.servers.wire import Fault

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
PROGRAM = "from mlcc_core.cli import main; main()"

PAUSE = 60.0
"""Seconds that the Hub hangs in the middle of the file."""

PROMPT = 20.0
"""Seconds in which whoever is told to end does so, whatever hangs."""

LINES = {"path": "train.jsonl", "origin": "hub", "after": 8}
TABLE = {"path": "/lfs/", "origin": "cdn", "after": 10}
"""The request that hangs: one after rows were written, or row groups read."""

ENDS = [
    ("train.jsonl", LINES, signal.SIGINT, 130),
    ("train.jsonl", LINES, signal.SIGTERM, 143),
    ("train.jsonl", LINES, signal.SIGHUP, 129),
    ("train.jsonl", LINES, signal.SIGKILL, -9),
    ("train.parquet", TABLE, signal.SIGINT, 130),
    ("train.parquet", TABLE, signal.SIGKILL, -9),
]


def start(tune, *words, program=PROGRAM):
    return start_command("tune", *tune.words, *words, program=program)


def start_command(*words, program=PROGRAM):
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env={**os.environ, "PYTHONPATH": ":".join(filter(None, paths))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_there_is_a_draft(root):
    """Wait for the rows that were read before the request that hangs."""
    end = time.monotonic() + 60
    while not (drafts := list(root.glob(".mlcc/staged/.*.partial"))):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert len(drafts) == 1


@pytest.mark.parametrize(("name", "request_", "number", "code"), ENDS)
def test_nothing_half_written_is_taken_for_a_dataset(tune, hub, name, request_, number, code):
    hub.add("org/data", {name: FORMATS[name]})
    hub.plan(Fault(method="GET", delay=PAUSE, **request_))
    process = start(tune, "--dataset", URI)
    while hub.pending():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    until_there_is_a_draft(tune.root)
    asked = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - asked < PROMPT
    assert process.returncode == code, err
    if number != signal.SIGKILL:
        assert "❌ Interrupted; nothing was submitted." in err
        assert tune.left() == []
    assert tune(URI) == 0, tune.err
    assert tune.rows() == EXPECTED
    assert len(tune.left()) == 2, "a dataset and its record"


def names():
    """Return the files in the project's folder."""
    return sorted(path.name for path in Path().iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_check_that_is_killed_leaves_no_rows_for_long(tune, hub, number):
    hub.add("org/data", {"train.jsonl": FORMATS["train.jsonl"]})
    hub.plan(Fault(method="GET", delay=PAUSE, path="train.jsonl", origin="hub", after=6))
    words = ("check", URI, "--technique", "sft", "--fixed", "good.jsonl")
    before = names()
    process = start_command(*words)
    while hub.pending():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    assert len(names()) == len(before) + 1
    process.send_signal(number)
    process.communicate(timeout=60)
    assert number == signal.SIGKILL or names() == before
    hub.forget()
    again = start_command(*words)
    _, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert names() == sorted([*before, "good.jsonl"])


FULL = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
{PROGRAM}
"""
MESSAGE = {"role": "assistant", "content": "x" * 1000}
MISFITS = [{"prompt": "a", "completion": [MESSAGE] * count} for count in (1, *[2] * 1000)]
FILLING = {
    "train.jsonl": (FORMATS["train.jsonl"], "--column-map id:number", "The staged dataset"),
    "train.parquet": (FORMATS["train.parquet"], "--column-map id:number", "The staged dataset"),
    "chat.jsonl": (jsonl(*MISFITS), "--on-misfit skip", "The rejects file "),
}


@pytest.mark.parametrize("name", FILLING)
def test_a_disk_that_is_full_in_the_middle(tune, name):
    """The limit makes the system refuse what goes beyond it, in the very calls of a full disk."""
    content, flags, what = FILLING[name]
    Path(name).write_bytes(content)
    process = start(tune, "--dataset", name, *flags.split(), program=FULL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    (line,) = (line for line in err.splitlines() if line.startswith("❌"))
    assert line.endswith(" cannot be written: the disk is full.")
    assert line.startswith(f"❌ {what}")
    folder = "rejects" if "rejects" in what else "staged"
    assert f"   df -h {tune.root}/.mlcc/{folder}\n" in err
    assert tune.left() == []
    assert tune(name, *flags.split()) == 0
    assert len(tune.rows()) == (1 if "rejects" in what else len(EXPECTED))


def test_a_disk_that_is_full_while_good_rows_are_written(tune):
    Path("train.jsonl").write_bytes(FORMATS["train.jsonl"])
    before = names()
    words = ("check", "train.jsonl", "--technique", "sft", "--fixed", "good.jsonl")
    process = start_command(*words, program=FULL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "❌ The file of good rows cannot be written: the disk is full.\n" in err
    assert f"   df -h {tune.root}" in err
    assert names() == before
