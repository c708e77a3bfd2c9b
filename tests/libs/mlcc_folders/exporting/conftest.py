"""An adapter that learned six facts, and what exports of it are held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core import Context, Output, Subject
from mlcc_folders.folder_exporting import FolderExporting
from tests.libs.mlcc_engine.conftest import cache, train
from tests.libs.mlcc_engine.trainings import FACTS, Train
from tests.libs.mlcc_folders.answering.asked import ANSWERING

__all__ = ["cache", "train"]

EXPORTING = FolderExporting()


@pytest.fixture(scope="module")
def learned(train: Train) -> Path:
    """The folder of the adapter."""
    rows = [{"prompt": prompt, "completion": reply} for prompt, reply in FACTS.items()]
    trained = train(rows, hyperparameters={"num_train_epochs": 40, "learning_rate": 5e-3})
    return trained.output


@pytest.fixture
def context(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLCC_CACHE", str(cache))
    return Context(root=tmp_path, project="demo")


@pytest.fixture
def tuned(context: Context, learned: Path) -> Subject:
    return ANSWERING.run_subject(context, "demo-1", "mlcc-tiny", Output("adapter", str(learned)))
