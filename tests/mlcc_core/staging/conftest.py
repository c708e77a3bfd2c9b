"""``mlcc tune`` on this machine with the real sources, for what happens to it while it stages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import mlcc_core.loader.manager
from mlcc_core.cli.main import run
from mlcc_core.cli.progress import TuneProgress
from mlcc_core.contract.job import TrainingSpec
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.loader.entry_points import Loaded, Origin
from mlcc_core.project.new_project import create_project
from mlcc_file import plugin as files
from mlcc_hf import plugin as hub_source
from mlcc_local import Local
from mlcc_local.job.runner import LocalJobs
from mlcc_s3 import plugin as s3_source
from mlcc_sft import plugin as sft
from tests.plugins.mlcc_local.conftest import STAND_IN

WHOLE = ("--validation", "none")
"""The dataset is staged in one part: these tests are about its rows."""


class RehearsedJobs(LocalJobs):
    """Jobs of a small program in the engine's place, without a forecast."""

    def forecast(self, context: Context, spec: TrainingSpec, request: Request) -> Sequence[str]:
        return ()


class Rehearsal(Local):
    """The platform of this machine with a small program for its engine."""

    runner = RehearsedJobs(STAND_IN)


@dataclass
class Tune:
    """``mlcc tune`` in a project, and what it leaves there.

    Attributes:
        root: the project's folder.
        after_batch: called once, after the first batch of rows was staged.
        code, err: of the last call.
    """

    root: Path
    capsys: pytest.CaptureFixture[str]
    after_batch: Callable[[], object] = lambda: None
    code: int = -1
    err: str = ""
    words: tuple[str, ...] = field(default=("--technique", "sft", "--no-wait", *WHOLE))

    def __call__(self, dataset: str, *words: str) -> int:
        self.capsys.readouterr()
        self.code = run(["tune", "--dataset", dataset, *self.words, *words])
        self.err = self.capsys.readouterr().err
        assert "Traceback" not in self.err
        return self.code

    def refused(self, dataset: str, *words: str) -> str:
        """The one ❌ line of a run that must fail, which leaves nothing behind."""
        assert self(dataset, *words) != 0
        (line,) = (line for line in self.err.splitlines() if line.startswith("❌"))
        assert self.left() == []
        assert "TUNE_JOB_NAME" not in (self.root / "do" / "config").read_text()
        return line

    def left(self) -> list[str]:
        """Return the files in the staging area and beside the rejects."""
        state = self.root / ".mlcc"
        return sorted(p.name for name in ("staged", "rejects") for p in (state / name).glob("*"))

    def rows(self) -> list[Any]:
        """The rows of the one staged dataset, whose record must fit them."""
        (data,) = (self.root / ".mlcc" / "staged").glob("*.jsonl")
        rows = [json.loads(line) for line in data.read_text().splitlines()]
        record = json.loads(data.with_suffix(".json").read_text())
        ledger = record["ledger"]["files"]
        assert sum(entry["written"] for entry in ledger) == record["rows"] == len(rows)
        assert all(
            entry["read"] == entry["written"] + sum(entry["skipped"].values()) for entry in ledger
        )
        return rows


@pytest.fixture
def tune(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tune:
    """``mlcc tune`` in a new project, which is the current folder."""
    origin = Origin("tests", "tests.mlcc_core.staging.conftest", "tests", "1.0")
    nouns = [Loaded(noun, origin) for noun in (sft, files, hub_source, s3_source, Rehearsal())]
    monkeypatch.setattr(mlcc_core.loader.manager, "load_entry_points", lambda *_: (nouns, []))
    monkeypatch.setattr("mlcc_core.helpers.http.retries.WAITS", (0.01, 0.01, 0.01, 0.01))
    root = folder / "project"
    create_project(root, mlcc_core.loader.manager.build_manager(disable=""))
    monkeypatch.chdir(root)
    made = Tune(root, capsys)
    shown = TuneProgress.staging

    def staging(self: TuneProgress, progress: Any) -> None:
        shown(self, progress)
        act, made.after_batch = made.after_batch, lambda: None
        act()

    monkeypatch.setattr(TuneProgress, "staging", staging)
    return made
