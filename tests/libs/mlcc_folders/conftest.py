from pathlib import Path

import pytest

from mlcc_core import Context
from mlcc_folders.folder_serving import FolderServing
from mlcc_folders.folder_store import FolderStore


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    return Context(root=tmp_path, project="demo")


@pytest.fixture
def store() -> FolderStore:
    return FolderStore()


@pytest.fixture
def served() -> FolderServing:
    return FolderServing("mlcc-tiny")
