"""The world of these tests, as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mlcc_core.world import World, make_world


@pytest.fixture
def world(folder: Path) -> World:
    return make_world(folder)
