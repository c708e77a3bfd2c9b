"""A project with a completed run of 60 rows, 24 of which are held out, and a place for exports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.actions.export.export import ExportResult, export
from mlcc_core.actions.export.request import ExportRequest
from mlcc_core.errors import MlccError
from mlcc_core.testing.parts.answering import FakeAnswering
from mlcc_core.testing.parts.exporting import FakeExporting
from tests.mlcc_core.actions.evaluate.conftest import ROWS, right_after
from tests.mlcc_core.world import World, make_world


@dataclass
class Yard:
    """Exports models of a world."""

    world: World
    job: str

    @property
    def answers(self) -> FakeAnswering:
        found = self.world.platform.answers
        assert found is not None
        return found

    @property
    def exports(self) -> FakeExporting:
        found = self.world.platform.exports
        assert found is not None
        return found

    def export(self, to: str | Path, target: str | None = None, **given: Any) -> ExportResult:
        request = ExportRequest(Path(to), target, **given)
        return export(self.world.session(), request, self.world.heard)

    def refused(self, to: str | Path, target: str | None = None, **given: Any) -> MlccError:
        with pytest.raises(MlccError) as caught:
            self.export(to, target, **given)
        return caught.value


@pytest.fixture
def yard(folder: Path) -> Yard:
    world = make_world(folder)
    world.write("train.jsonl", ROWS)
    result = world.tune(validation="24")
    yard = Yard(world, result.job)
    yard.answers.reply = right_after("bad")
    return yard
