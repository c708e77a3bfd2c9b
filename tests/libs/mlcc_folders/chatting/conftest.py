from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_core import ChatSession, Context, Output, Subject
from mlcc_engine.model import tiny
from tests.libs.mlcc_engine.answers.random_adapters import make
from tests.libs.mlcc_engine.conftest import cache
from tests.libs.mlcc_folders.chatting.talks import ANSWERING

__all__ = ["cache"]


@pytest.fixture(scope="module")
def adapters(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two adapters that answer otherwise than their base, and than each other."""
    folder, base = tmp_path_factory.mktemp("adapters"), tiny.ensure(cache)
    return [make(base, folder / str(seed), seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Context]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCC_CACHE", str(cache))
        yield Context(root=tmp_path_factory.mktemp("project"), project="demo")


@pytest.fixture(scope="module")
def base(context: Context) -> Subject:
    return ANSWERING.base_subject(context, "mlcc-tiny")


@pytest.fixture(scope="module")
def tuned(context: Context, adapters: list[Path]) -> list[Subject]:
    return [
        ANSWERING.run_subject(context, f"run-{place}", "mlcc-tiny", Output("adapter", str(folder)))
        for place, folder in enumerate(adapters, start=1)
    ]


@pytest.fixture(scope="module")
def session(context: Context, base: Subject) -> Iterator[ChatSession]:
    with ANSWERING.open_chat(context, [base]) as opened:
        yield opened
