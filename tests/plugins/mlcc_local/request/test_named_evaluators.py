"""Reward functions and judges that the rows of a dataset name, by paths from its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from mlcc_core.loader.manager import build_manager
from mlcc_core.project.new_project import create_project

SCORE = """
import json


def lambda_handler(event, context):
    scores = [
        {"id": row["id"], "aggregate_reward_score": float(len(row["messages"][-1]["content"]))}
        for row in event
    ]
    return {"statusCode": 200, "body": json.dumps(scores)}
"""
Tune = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tune(folder: Path, capsys: pytest.CaptureFixture[str]) -> Tune:
    """Run ``mlcc tune --technique rlvr`` in a project: exit code, stdout and stderr."""
    create_project(folder, build_manager(), name="demo")

    def call(dataset: str, *words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["tune", "--technique", "rlvr", "--dataset", dataset, *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def write(path: Path, *models: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {"prompt": [{"role": "user", "content": f"{n}"}], "reward_model": model}
        for n, model in enumerate(models)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("score.py", marks=pytest.mark.full),
        pytest.param("../rewards/score.py", marks=pytest.mark.full),
        "./score.py:lambda_handler",
    ],
)
def test_a_path_starts_from_the_datasets_folder(folder: Path, tune: Tune, name: str) -> None:
    data = folder / "data"
    dataset = write(data / "rows.jsonl", *[name] * 12)
    for place in (data, folder / "rewards"):
        place.mkdir(exist_ok=True)
        (place / "score.py").write_text(SCORE)
    (folder / "score.py").write_text("broken = (")  # what the current folder has comes second
    code, out, err = tune(dataset, "--dry-run")
    assert code == 0, err
    assert "📋 Rows: 12 read = 12 good" in out


@pytest.mark.slow
def test_else_from_the_current_folder(folder: Path, tune: Tune) -> None:
    (folder / "rewards").mkdir()
    (folder / "rewards" / "score.py").write_text(SCORE)
    dataset = write(folder / "data" / "rows.jsonl", *["rewards/score.py"] * 12)
    assert tune(dataset, "--dry-run")[0] == 0


@pytest.mark.parametrize("words", [("--dry-run",), ("--no-wait",)])
@pytest.mark.parametrize("more", [{}, {"column_map": True}])
def test_one_that_is_not_there(folder: Path, tune: Tune, words, more) -> None:
    dataset = write(folder / "data" / "rows.jsonl", *["gone.py"] * 30)
    if more:  # to be staged
        text = Path(dataset).read_text().replace('"prompt"', '"q"')
        Path(dataset).write_text(text)
        words = (*words, "--column-map", "q:prompt")
    code, _, err = tune(dataset, *words)
    assert code == 1
    (cross,) = [line for line in err.splitlines() if line.startswith("❌")]
    assert cross == (
        "❌ rows.jsonl, line 1, column 'reward_model': The reward function 'gone.py' does not "
        f"exist, neither from the dataset's folder {folder / 'data'} nor from the current one."
    )
    assert not (folder / ".mlcc" / "jobs").exists()


@pytest.mark.parametrize("at", [3, 25])
def test_every_value_is_looked_for(folder: Path, tune: Tune, at: int) -> None:
    models = ["score.py"] * 30
    models[at] = "gone.py:f"
    dataset = write(folder / "data" / "rows.jsonl", *models)
    (folder / "data" / "score.py").write_text(SCORE)
    code, _, err = tune(dataset, "--no-wait")
    assert code == 1
    assert (
        f"❌ rows.jsonl, line {at + 1}, column 'reward_model': The reward function 'gone.py' "
        in err
    )
    assert "The rows name 2 different evaluators in 'reward_model'" in err
    assert "--reward-function data/score.py" in err  # which is where a flag looks
    assert not (folder / ".mlcc" / "jobs").exists()


def test_one_that_is_no_function_of_the_file(folder: Path, tune: Tune) -> None:
    dataset = write(folder / "data" / "rows.jsonl", *["score.py:scor"] * 3)
    (folder / "data" / "score.py").write_text(SCORE.replace("lambda_handler", "score"))
    code, _, err = tune(dataset, "--dry-run")
    assert code == 1
    assert (
        "❌ rows.jsonl, line 1, column 'reward_model': score.py defines no function 'scor'." in err
    )
