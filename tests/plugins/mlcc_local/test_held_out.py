"""Rows that are held out on this machine, from the command to the engine's request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.actions.session import open_session
from mlcc_core.actions.tune.plan.plan import build_plan
from mlcc_core.actions.tune.plan.request import TuneRequest
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.actions.tune.run import Tuning
from mlcc_core.cli.main import run
from mlcc_core.project.project import Project
from mlcc_engine.request import parse


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "do").mkdir()
    (folder / "do" / "config").write_text("export PROJECT_NAME=demo\n")
    rows = [{"prompt": f"say {n}", "completion": f"number {n}"} for n in range(60)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def rows_of(path: str) -> list[Any]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.mark.slow
def test_the_engine_does_not_train_on_them(project: Path, capsys: pytest.CaptureFixture[str]):
    """By default; a real training, whose request names the part that is not trained on."""
    words = ("--technique", "sft", "--dataset", "rows.jsonl", "--epochs", "1")
    assert run(["tune", *words]) == 0
    out, err = capsys.readouterr()
    assert "Held out: 6 of 60 rows (10 %, by content)" in err
    assert "6 held-out rows are measured before" in err
    assert ", held-out loss " in err
    check_told(project, out, capsys)
    (path,) = (project / ".mlcc" / "jobs").glob("*/request.json")
    check_reported(project)
    request = parse(json.loads(path.read_text()))
    trained, held_out = rows_of(request.dataset), rows_of(request.validation)
    assert (request.rows, len(trained), len(held_out)) == (54, 54, 6)
    assert not {row["prompt"] for row in trained} & {row["prompt"] for row in held_out}
    assert run(["tune", *words]) == 0
    assert len(list((project / ".mlcc" / "jobs").iterdir())) == 1


def check_told(project: Path, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Result, record and status have the same numbers under the same names."""
    (record,) = (json.loads(p.read_text()) for p in (project / ".mlcc" / "runs").glob("*.json"))
    numbers = record["metrics"]
    before, best = numbers["held_out_loss_before"], numbers["held_out_loss_best"]
    assert best < before
    assert f"   held-out loss: {before:.4g} ± " in out
    assert f" → {best:.4g} ± " in out
    error = f" ± {numbers['held_out_loss_error']:.2g}"
    change = f"eld-out loss {before:.3g} → {best:.3g}{error}"
    assert out.splitlines()[-1] == f"H{change}"
    assert numbers["held_out_loss"] == numbers["held_out_loss_after"]
    assert run(["tune", "--status"]) == 0
    status = capsys.readouterr().out
    assert f"held-out loss {numbers['held_out_loss']:.4g}" in status
    assert f": h{change}" in status
    assert run(["tune", "--status", "--json"]) == 0
    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    shown = {**job["progress"]["metrics"], "loss": job["progress"]["loss"]}
    assert shown == numbers


def check_reported(project: Path) -> None:
    """The report draws the curves of the job, and the lengths of the rows that it trained on."""
    assert run(["runs", "report", "sft", "--to", "report.html"]) == 0
    page = (project / "report.html").read_text()
    assert "Held-out loss " in page
    assert 'class="curve held"' in page
    assert "Learning rate" in page or "learning rate" in page
    assert "lengths of 54 rows" in page
    assert str(project) not in page


@pytest.mark.slow
def test_the_plan_has_them(project: Path, capsys: pytest.CaptureFixture[str]):
    words = ("tune", "--technique", "sft", "--dataset", "rows.jsonl", "--dry-run", "--json")
    assert run([*words, "--validation", "none"]) == 0
    none = json.loads(capsys.readouterr().out)
    assert "validation" not in none["request"]["request"]
    assert none["plan"]["dataset"]["held_out"]["asked"] == "none"
    assert none["plan"]["dataset"]["in_place"]
    assert run(list(words)) == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert plan["dataset"]["held_out"] == {"asked": "auto", "by_content": True, "dataset": None}
    assert plan["dataset"]["ledger"]["files"][0]["held_out"] == 6
    assert not plan["dataset"]["in_place"]
    assert plan["forecast"]
    assert not (project / ".mlcc" / "staged").exists()


@pytest.mark.slow
def test_the_forecast_is_the_same_once_the_rows_are_staged(
    project: Path, capsys: pytest.CaptureFixture[str]
):
    words = ["tune", "--technique", "sft", "--dataset", "rows.jsonl", "--stop-early", "3"]
    assert run([*words, "--dry-run", "--json"]) == 0
    before = json.loads(capsys.readouterr().out)["plan"]
    assert not (project / ".mlcc" / "staged").exists()
    stage_rows(project)
    assert run([*words, "--dry-run", "--json"]) == 0
    assert (project / ".mlcc" / "staged").exists()
    after = json.loads(capsys.readouterr().out)["plan"]
    assert untimed(after["forecast"]) == untimed(before["forecast"])
    assert any("6 held-out rows are measured before" in line for line in after["forecast"])


def stage_rows(project: Path) -> None:
    """Stage the rows as the job would."""
    session = open_session(project=Project(project))
    request = TuneRequest("sft", "rows.jsonl", values={"stop_early": 3})
    Tuning(session, request, Reporter())._prepare(build_plan(session, request))


def untimed(lines: list[str]) -> list[str]:
    """Drop the line about the memory that is free now."""
    return [line for line in lines if not line.startswith("Memory")]
