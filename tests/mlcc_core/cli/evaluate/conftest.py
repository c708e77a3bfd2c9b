"""A completed run with held-out rows, for the command line."""

from __future__ import annotations

import pytest

from tests.mlcc_core.actions.evaluate.conftest import Lab, furnished
from tests.mlcc_core.world import World


@pytest.fixture
def lab(world: World, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project with a run of 60 rows, 24 of which are held out of it."""
    return furnished(world, monkeypatch)
