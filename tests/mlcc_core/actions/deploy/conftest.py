"""A world with a hub, as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mlcc_core.hub_world import HubWorld, make_hub_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubWorld:
    return make_hub_world(tmp_path, monkeypatch)
