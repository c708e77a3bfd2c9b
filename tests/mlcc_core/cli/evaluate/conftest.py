"""A completed run with held-out rows, for the command line."""

from __future__ import annotations

import pytest

from tests.mlcc_core.actions.evaluate.conftest import ROWS, Lab, right_after
from tests.mlcc_core.world import World


@pytest.fixture
def lab(world: World, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project with a run of 60 rows, 24 of which are held out of it."""
    lab = Lab(world)
    nouns = World.nouns.fget
    assert nouns is not None
    monkeypatch.setattr(World, "nouns", property(lambda self: [*nouns(self), *lab.metrics, lab]))
    world.write("train.jsonl", ROWS)
    world.tune(validation="24")
    lab.answers.reply = right_after("base")
    return lab
