"""A world in which a run completed, and a platform that evaluates it by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mlcc_core.actions.evaluate.conftest import Lab, furnished
from tests.mlcc_core.world import make_world


@pytest.fixture
def lab(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project with a run of 60 rows, 24 of which are held out of it."""
    return furnished(make_world(folder), monkeypatch)
