"""A project with fakes, and scripts in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.actions.train.request import ScriptRequest
from mlcc_core.actions.train.run import train_script
from mlcc_core.actions.tune.job.follow import TuneResult
from mlcc_core.errors import MlccError
from tests.mlcc_core.world import World, make_world

Train = Callable[..., TuneResult]
Refused = Callable[..., MlccError]


@pytest.fixture
def world(folder: Path) -> World:
    made = make_world(folder)
    (folder / "train.py").write_text("print('hello')\n")
    return made


@pytest.fixture
def train(world: World) -> Train:
    """Run a script in the project."""

    def call(**given: Any) -> TuneResult:
        request = ScriptRequest(**{"script": str(world.root / "train.py"), **given})
        return train_script(world.session(request.platform), request, world.heard)

    return call


@pytest.fixture
def refused(train: Train) -> Refused:
    """Run a script that is refused; return the error."""

    def call(**given: Any) -> MlccError:
        with pytest.raises(MlccError) as caught:
            train(**given)
        return caught.value

    return call
