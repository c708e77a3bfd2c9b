"""``mlcc demo`` on this machine, from the first line to the last, with real trainings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlcc_local.demo import material

pytestmark = pytest.mark.slow

START, END = "Ahoy! ", " Fair winds!"


def demo(folder: Path, *flags: str, **surroundings: str) -> tuple[Any, str]:
    """Run the command in a process of its own; its document, and what it said meanwhile."""
    done = subprocess.run(
        [Path(sys.executable).with_name("mlcc"), "demo", str(folder), "--json", *flags],
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def rows(dataset: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in dataset.read_text("utf-8").splitlines()]


def test_the_style_of_the_dataset():
    shown = material()
    assert len(rows(shown.dataset)) == 24
    for row in rows(shown.dataset):
        assert row["completion"].startswith(START)
        assert row["completion"].endswith(END)
    assert not {row["prompt"] for row in rows(shown.dataset)} & set(shown.questions)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_real_model_learns_a_style(real_model: Path, tmp_path: Path):
    """It carries over to questions that were not in the dataset, and the facts stay."""
    document, said = demo(tmp_path / "d", MLCC_CACHE=str(real_model.parent))
    assert "Fetching" not in said
    facts = ("Paris", "Mercury", "H2O")
    for answer, fact in zip(document["answers"], facts, strict=True):
        assert answer["answer"].startswith(START), answer
        assert answer["answer"].endswith(END), answer
        assert fact in answer["answer"], answer
        assert "Ahoy" not in answer["base"]


def test_a_toy_takes_its_place_without_the_package(tmp_path: Path):
    pytest.importorskip("gguf")
    document, said = demo(
        tmp_path / "d",
        MLCC_CACHE=str(tmp_path / "cache"),
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_FIND_LINKS="",
    )
    (warning,) = [line for line in said.splitlines() if line.startswith("⚠️")]
    assert "the package index cannot be reached. Going on with mlcc-tiny; to mend it:" in warning
    assert document["model"] == "mlcc-tiny"
    assert document["answers"] == [
        {
            "prompt": "What is the capital of France?",
            "base": None,
            "answer": "The capital of France is Paris.",
        }
    ]
