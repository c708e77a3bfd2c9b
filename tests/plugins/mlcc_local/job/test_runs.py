"""A real run of the toy model: waited for, listed, asked for by its file, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcc_core.cli.main import run

pytestmark = pytest.mark.slow

ROWS = [{"prompt": f"{i} + 1 =", "completion": str(i + 1)} for i in range(6)]


def test_a_run_from_its_start_to_its_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def mlcc(*words: str) -> str:
        capsys.readouterr()
        assert run(list(words)) == 0, capsys.readouterr()
        return capsys.readouterr().out

    monkeypatch.chdir(tmp_path)
    mlcc("init", "project", "--platform", "local", "--model", "mlcc-tiny")
    monkeypatch.chdir(tmp_path / "project")
    Path("train.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    words = ("tune", "train.jsonl", "--technique", "sft", "--epochs", "1", "--no-wait")
    job = json.loads(mlcc(*words, "--json"))["job"]
    (waited,) = json.loads(mlcc("wait", job[:-4], "--timeout", "5m", "--json"))["runs"]
    assert waited["state"]["status"] == "completed"
    (row,) = json.loads(mlcc("runs", "list", "--json"))["runs"]
    assert (row["job"], row["status"], row["rows"]) == (job, "completed", 6)
    assert row["metrics"]["loss"] > 0
    Path("run.yaml").write_text(mlcc("runs", "show", job, "--as-file"))
    again = json.loads(mlcc("tune", "--file", "run.yaml", "--json"))
    assert (again["job"], again["created"]) == (job, False)
    folder = Path(".mlcc/jobs") / job
    output = Path("outputs") / job
    assert again["output"]["path"] == str(output.resolve())
    mine = output.with_name("mine")
    mine.mkdir()
    assert "Removed" in mlcc("runs", "remove", job, "--yes")
    assert list(folder.parent.iterdir()) == []
    assert sorted(output.parent.iterdir()) == [output.with_name(".gitignore"), mine]
    assert "This project has no runs" in mlcc("runs", "list")
