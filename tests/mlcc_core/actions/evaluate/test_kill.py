"""An evaluation that is killed at any moment goes on: no stored answer is asked again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mlcc_core.world import make_world

pytestmark = pytest.mark.slow

EVALUATE = """
import sys
import time
from pathlib import Path

from mlcc_core import EvaluateRequest, evaluate
from mlcc_core.testing.metric import FakeMetric
from tests.mlcc_core.world import World

world = World(Path.cwd())
World.nouns = property(lambda self, nouns=World.nouns.fget: [*nouns(self), FakeMetric()])
answers, take = world.platform.answers, world.platform.answers.take

def until_held(who, text):
    if len(answers.asked) >= int(sys.argv[1]):
        time.sleep(600)
    take(who, text)

answers.take = until_held
request = EvaluateRequest(
    ("fake-model",), "other-model", "new.jsonl", technique="fake", metrics=("same",)
)
evaluate(world.session(), request)
print(len(world.platform.answers.asked))
"""

ROWS = 60


def stored(folder: Path) -> list[bytes]:
    files = sorted((folder / ".mlcc/answers").glob("*.jsonl"))
    return [line for file in files for line in file.read_bytes().splitlines()]


def start(folder: Path, held_after: int = 10_000) -> subprocess.Popen[str]:
    """Begin an evaluation, whose answers take for ever after so many."""
    command = [sys.executable, "-c", EVALUATE, str(held_after)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)


def test_a_killed_evaluation_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    make_world(folder).write(
        "new.jsonl", [{"prompt": f"{i} + 1 =", "completion": str(i)} for i in range(ROWS)]
    )
    for least in (10, 70):
        killed = start(folder, least - len(stored(folder)) + 10)
        deadline = time.monotonic() + 120
        while len(stored(folder)) < least:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    lines = stored(folder)
    assert 70 <= len(lines) < 2 * ROWS
    last = start(folder)
    out, _ = last.communicate(timeout=60)
    assert last.returncode == 0
    assert int(out) == 2 * ROWS - len(lines)
    keys = [json.loads(line)[0] for line in stored(folder)]
    assert len(keys) == 2 * ROWS


def test_a_line_that_was_cut_off_is_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    make_world(folder).write(
        "new.jsonl", [{"prompt": f"{i} + 1 =", "completion": str(i)} for i in range(ROWS)]
    )
    start(folder).communicate(timeout=60)
    (first, _) = sorted((folder / ".mlcc/answers").glob("*.jsonl"))
    first.write_bytes(first.read_bytes()[:-9])
    for expected in (1, 0):
        out, _ = start(folder).communicate(timeout=60)
        assert int(out) == expected
