"""Conversations with an adapter on this machine: the commands as typed, with a real model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_engine.model.models import locate
from tests.libs.mlcc_engine.answers.random_adapters import make

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

QUESTION = "What is the capital of France?"


def mlcc(folder: Path, *words: str, lines: str = "") -> str:
    """Run a command; what it prints."""
    done = subprocess.run(
        [Path(sys.executable).with_name("mlcc"), *words],
        cwd=folder,
        input=lines,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_chat_answers_what_test_answers(tmp_path: Path):
    mlcc(tmp_path, "init", ".", "--platform", "local", "--model", "mlcc-tiny")
    adapter = make(Path(locate("mlcc-tiny")), tmp_path / "weights", seed=1)
    mlcc(tmp_path, "adapter", "add", "tuned", "--weights", str(adapter))
    longest = ("--max-new-tokens", "24")
    asked = mlcc(tmp_path, "test", QUESTION, "Hi", "--adapter", "tuned", *longest, "--json")
    answers = json.loads(asked)["answers"]
    assert answers[0]["answer"] != answers[0]["base"]
    assert answers[0]["seconds"] > 0
    lines = f"{QUESTION}\n/clear\nHi\n/clear\n/both\n{QUESTION}\n/save talk.jsonl\n"
    talk = json.loads(mlcc(tmp_path, "chat", "tuned", *longest, "--json", lines=lines))
    said = [[reply["answer"] for reply in each["replies"]] for each in talk["answers"]]
    shown = [[text.removesuffix(" …") for text in each] for each in said]
    expected = [[answers[0]["answer"]], [answers[1]["answer"]]]
    expected.append([answers[0]["base"], answers[0]["answer"]])
    assert shown == [[text.removesuffix(" …") for text in each] for each in expected]
    mlcc(tmp_path, "check", "talk.jsonl", "--technique", "sft")
