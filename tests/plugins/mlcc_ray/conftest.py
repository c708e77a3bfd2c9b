"""The storage of the tests, and a dashboard that answers as Ray's does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlcc_core import Context, DatasetRef, MlccError, TrainingSpec
from tests.plugins.mlcc_ray import jobs_api
from tests.plugins.mlcc_ray.jobs_api import Dashboard

ROWS = b'{"prompt": "2 + 2 =", "completion": "4"}\n'


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that the cluster sees, too, for a storage."""
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """A dashboard that answers as Ray's does, and runs nothing."""
    pytest.importorskip("ray")
    from mlcc_ray.api import nodes

    monkeypatch.setattr(nodes, "LATELY_SECONDS", -1.0)
    for variable in ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS", "RAY_STORAGE"):
        monkeypatch.delenv(variable, raising=False)
    with jobs_api.serve() as dashboard:
        yield dashboard


@pytest.fixture
def place(tmp_path: Path, shared: Path, dashboard: Dashboard) -> Context:
    """The surroundings of a project whose cluster is the dashboard."""
    root = tmp_path / "project"
    root.mkdir()
    settings = {"RAY_ADDRESS": dashboard.address, "RAY_STORAGE": shared.as_uri()}
    return Context(root=root, project="demo", settings=settings)


@pytest.fixture
def spec(place: Context) -> Callable[..., TrainingSpec]:
    """Makes specs, their dataset staged."""
    from mlcc_ray import plugin

    with plugin.store.stage(place, "rows") as sink:
        sink.file.write(ROWS)
        uri = sink.commit({"rows": 1})

    def make(**changes: object) -> TrainingSpec:
        made = TrainingSpec(
            project="demo",
            technique="sft",
            trainer="trl:SFTTrainer",
            model="mlcc-tiny",
            training_type="lora",
            hyperparameters={},
            hyperparameter_flags={},
            trainer_settings={},
            dataset=DatasetRef(uri, "f1", 1),
        )
        return replace(made, **changes)

    return make


@pytest.fixture
def refusal() -> Callable[..., MlccError]:
    """Returns the error of a call, which must be one for users."""

    def call(function: Callable[..., object], *arguments: object) -> MlccError:
        with pytest.raises(MlccError) as caught:
            function(*arguments)
        assert "\n" not in caught.value.what
        return caught.value

    return call
