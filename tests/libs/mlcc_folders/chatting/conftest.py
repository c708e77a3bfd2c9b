from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcc_core import ChatSession, Context, Output, Subject
from tests.libs.mlcc_engine.conftest import cache, train
from tests.libs.mlcc_engine.trainings import FACTS, Train
from tests.libs.mlcc_folders.chatting.talks import ANSWERING

__all__ = ["cache", "train"]


@pytest.fixture(scope="module")
def adapters(train: Train) -> tuple[Path, Path]:
    """Two adapters that answer otherwise than their base, and than each other."""
    learned = {"num_train_epochs": 16, "learning_rate": 5e-3}
    rows = [{"prompt": asked, "completion": said} for asked, said in FACTS.items()]
    others = [{"prompt": asked, "completion": f"Not {said}"} for asked, said in FACTS.items()]
    return (
        train(rows, hyperparameters=learned).output,
        train(others, hyperparameters=learned).output,
    )


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Context]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCC_CACHE", str(cache))
        yield Context(root=tmp_path_factory.mktemp("project"), project="demo")


@pytest.fixture(scope="module")
def base(context: Context) -> Subject:
    return ANSWERING.base_subject(context, "mlcc-tiny")


@pytest.fixture(scope="module")
def tuned(context: Context, adapters: tuple[Path, Path]) -> list[Subject]:
    return [
        ANSWERING.run_subject(context, f"run-{place}", "mlcc-tiny", Output("adapter", str(folder)))
        for place, folder in enumerate(adapters, start=1)
    ]


@pytest.fixture(scope="module")
def session(context: Context, base: Subject) -> Iterator[ChatSession]:
    with ANSWERING.open_chat(context, [base]) as opened:
        yield opened
