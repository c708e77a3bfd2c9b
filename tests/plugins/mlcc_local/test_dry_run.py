"""A dry run finds what would stop the job, as far as it is known before one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from mlcc_core.cli.main import run
from mlcc_engine.model import tiny
from mlcc_engine.model.models import default_cache

pytestmark = pytest.mark.slow


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "do").mkdir()
    (folder / "do" / "config").write_text("export PROJECT_NAME=demo\n")
    rows = [{"prompt": f"say {n}", "completion": f"number {n}"} for n in range(8)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


Tune = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tune(capsys: pytest.CaptureFixture[str]) -> Tune:
    """Run ``mlcc tune --dry-run`` with these flags: exit code, stdout and stderr."""

    def call(*flags: str) -> tuple[int, str, str]:
        given = ["tune", "--technique", "sft", "--dataset", "rows.jsonl", "--dry-run", *flags]
        code = run(given)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def broken(folder: Path, files: Mapping[str, str]) -> str:
    """The tiny model in ``model``, with other contents of some files."""
    shutil.copytree(tiny.ensure(default_cache()), folder / "model")
    for name, text in files.items():
        (folder / "model" / name).write_text(text)
    return "model"


def test_the_forecast_is_part_of_the_plan(project: Path, tune: Tune) -> None:
    code, out, err = tune("--json")
    assert code == 0, err
    forecast = json.loads(out)["plan"]["forecast"]
    assert any(line.startswith("Memory: about") for line in forecast)
    assert any(line.startswith("8 rows, ") for line in forecast)
    assert "Longest row" in tune()[1]
    assert not (project / ".mlcc" / "jobs").exists()


@pytest.mark.parametrize(
    ("flags", "trained"),
    [
        pytest.param(["--take", "5"], 5, marks=pytest.mark.full),
        (["--validation", "2"], 6),
        (["--take", "5", "--validation", "2"], 3),
    ],
)
def test_the_forecast_is_of_the_rows_that_are_trained_on(
    project: Path, tune: Tune, flags: Sequence[str], trained: int
) -> None:
    with (project / "rows.jsonl").open("a") as rows:
        rows.write(json.dumps({"prompt": "say 9", "completion": "number 9 " * 40}) + "\n")
    code, out, err = tune("--json", *flags)
    assert code == 0, err
    forecast = json.loads(out)["plan"]["forecast"]
    trained += "--take" not in flags
    assert any(line.startswith(f"{trained} rows, ") for line in forecast), forecast
    longest = next(line for line in forecast if line.startswith("Longest row"))
    assert (int(longest.split()[2]) > 100) == ("--take" not in flags)


def test_rows_that_train_nothing_are_refused(project: Path, tune: Tune) -> None:
    code, _, err = tune("--max-seq-length", "8")
    assert code == 2
    assert "every prompt alone fills 8 tokens" in err
    hint = err.splitlines()[-1].split()
    flag = hint.index("--max-seq-length")
    assert "--dry-run" in hint
    assert tune(*hint[flag : flag + 2])[0] == 0


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"tokenizer.json": ""}, "The tokenizer of"),
        pytest.param(
            {"config.json": '{"model_type": "zork", "architectures": ["Zork"]}'},
            "'zork'",
            marks=pytest.mark.full,  # refused in tests/libs/mlcc_engine/model
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_refused(
    project: Path, tune: Tune, files: Mapping[str, str], says: str
) -> None:
    code, out, err = tune("--model", broken(project, files))
    assert (code, out) == (1, "")
    assert says in err
    assert "Traceback" not in err


def test_wrong_rows_are_refused(project: Path, tune: Tune) -> None:
    with (project / "rows.jsonl").open("a") as rows:
        rows.write('{"prompt": "say 9", "completion": 9}\n')
    code, _, err = tune("--validate", "full")
    assert code == 1
    assert "rows.jsonl" in err
    assert "9" in err
