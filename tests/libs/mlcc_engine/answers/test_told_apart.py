"""`mlcc evaluate` tells models apart that should be told apart, by rows that no training saw."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.libs.mlcc_engine.answers.models import Made
from tests.libs.mlcc_engine.trainings import write_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(made: Made, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the rows, and the models by short names."""
    folder = tmp_path_factory.mktemp("project")
    write_rows(folder / "held_out.jsonl", made.rows)
    for name in ("learned", "unchanged", "reversed", "shuffled"):
        (folder / name).symlink_to(getattr(made, name))
    mlcc(folder, cache, "init", ".", "--platform", "local", "--model", "mlcc-tiny")
    return folder


def mlcc(folder: Path, cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("mlcc"), *words],
        cwd=folder,
        env={**os.environ, "MLCC_CACHE": str(cache)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
    )


def evaluated(project: Path, cache: Path, *words: str) -> dict[str, Any]:
    """The one evaluation that a command makes, whose deciding metric is the loss."""
    rows = ("--dataset", "held_out.jsonl", "--technique", "sft", "--max-new-tokens", "16")
    ran = mlcc(project, cache, "evaluate", *words, *rows, "--metric", "loss", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (found,) = json.loads(ran.stdout)["evaluations"]
    (loss,) = found["metrics"]
    assert loss["decides"]
    assert loss["rows"] == 32
    return loss


def test_learned_is_better_than_its_base(project: Path, cache: Path) -> None:
    loss = evaluated(project, cache, "./learned")
    assert loss["verdict"] == "better"
    assert loss["high"] < 0


def test_an_adapter_of_zeros_makes_no_difference(project: Path, cache: Path) -> None:
    loss = evaluated(project, cache, "./unchanged")
    assert loss["verdict"] == "no difference shown"
    assert abs(loss["difference"]) < 1e-5


def test_a_reversed_gradient_is_worse_than_its_base(project: Path, cache: Path) -> None:
    loss = evaluated(project, cache, "./reversed")
    assert loss["verdict"] == "worse"
    assert loss["low"] > 0


def test_shuffled_answers_are_worse_than_right_ones(project: Path, cache: Path) -> None:
    loss = evaluated(project, cache, "./shuffled", "--against", "./learned")
    assert loss["verdict"] == "worse"
    ran = mlcc(
        project,
        cache,
        *("evaluate", "./shuffled", "--against", "./learned", "--dataset", "held_out.jsonl"),
        *("--technique", "sft", "--metric", "loss", "--require", "not-worse"),
    )
    assert ran.returncode == 4, ran.stdout + ran.stderr
