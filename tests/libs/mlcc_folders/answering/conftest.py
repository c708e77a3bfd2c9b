from pathlib import Path

import pytest

from mlcc_core import Context, Subject
from tests.libs.mlcc_engine.conftest import cache, train
from tests.libs.mlcc_folders.answering.asked import ANSWERING

__all__ = ["cache", "train"]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def context(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    return Context(root=tmp_path, project="demo", say=said.append)


@pytest.fixture
def base(context: Context) -> Subject:
    return ANSWERING.base_subject(context, "mlcc-tiny")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy is asked for this machine."""
    monkeypatch.setenv("NO_PROXY", "*")
