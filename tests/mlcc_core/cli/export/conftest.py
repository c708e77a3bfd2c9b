"""A completed run with held-out rows, for the command line."""

from __future__ import annotations

import pytest

from tests.mlcc_core.actions.evaluate.conftest import ROWS, right_after
from tests.mlcc_core.actions.export.conftest import Yard
from tests.mlcc_core.world import World


@pytest.fixture
def yard(world: World) -> Yard:
    """A project with such a run."""
    world.write("train.jsonl", ROWS)
    result = world.tune(validation="24")
    yard = Yard(world, result.job)
    yard.answers.reply = right_after("bad")
    return yard
