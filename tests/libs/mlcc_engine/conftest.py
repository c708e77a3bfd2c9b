"""Real trainings of the built-in tiny model, in this process, seconds each."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.libs.mlcc_engine.trainings import Train, Trained, write_rows


@contextmanager
def offline() -> Iterator[None]:
    """The Hub's libraries keep away from it; afterwards, other tests may reach theirs."""
    from huggingface_hub import constants

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module", autouse=True)
def keep_offline() -> Iterator[None]:
    """As in the process that trains."""
    with offline():
        yield


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder with the tiny model, made once."""
    from mlcc_engine import process
    from mlcc_engine.model import tiny

    folder = tmp_path_factory.mktemp("cache")
    with offline():  # it is made before any module's fixture
        process.quiet_libraries()
        process.quiet_transformers()
        tiny.ensure(folder)
    return folder


@pytest.fixture(scope="session")
def train(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Train the tiny model on rows; keywords are those of a request."""

    def run(rows: Iterable[Mapping[str, Any]], **request: Any) -> Trained:
        from mlcc_engine import api
        from mlcc_engine.request import parse
        from mlcc_engine.train.train import run

        folder = tmp_path_factory.mktemp("job")
        body = {
            "job": "test",
            "technique": "test",
            "trainer": "trl:SFTTrainer",
            "model": "mlcc-tiny",
            "training_type": "lora",
            "dataset": write_rows(folder / "rows.jsonl", rows),
            "output": str(folder / "output"),
            "cache": str(cache),
            **request,
        }
        with warnings.catch_warnings():
            # As in the process that trains: what libraries tell their developers.
            warnings.simplefilter("ignore")
            outcome = run(parse(body), folder)
        api.forget(folder, outcome)
        return Trained(folder, outcome)

    return run
