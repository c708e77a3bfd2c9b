"""A dry run forecasts from the rows as they would be staged, whatever file they come from."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from mlcc_core.actions.tune.dry_run import dry_run
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.world import World, make_world


class Here(FakePlatform):
    """Trains on this machine, and reads the rows that it forecasts for."""

    trains_here = True

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[dict[str, str]]] = []

    def forecast(self, context: Any, spec: Any, request: Any) -> list[str]:
        if spec.dataset is None:
            return []
        text = Path(spec.dataset.uri).read_text(encoding="utf-8")
        self.seen.append([json.loads(line) for line in text.splitlines()])
        return [f"{len(self.seen[-1])} rows"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path)
    made.platform = Here()
    rows = "".join(f"Was ist {number}?;Zahl {number}\n" for number in range(30))
    (tmp_path / "sheet.csv").write_text(f"frage;completion\n{rows};\n", encoding="utf-8")
    return made


def test_a_sheet_with_other_names(world: World, monkeypatch: pytest.MonkeyPatch):
    folder = world.root / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    request = world.request(
        dataset=str(world.root / "sheet.csv"), column_map="frage:prompt", dry_run=True
    )
    found = dry_run(world.session(), request, world.heard)
    assert list(found.forecast) == ["30 rows"]
    (seen,) = world.platform.seen  # type: ignore[attr-defined]
    assert seen[3] == {"prompt": "Was ist 3?", "completion": "Zahl 3"}
    assert world.platform.staged == {}
    assert list(folder.iterdir()) == []


def test_rows_that_are_held_out_are_not_trained_on(world: World):
    request = world.request(
        dataset=str(world.root / "sheet.csv"),
        column_map="frage:prompt",
        validation="10",
        dry_run=True,
    )
    assert list(dry_run(world.session(), request, world.heard).forecast) == ["20 rows"]


def test_a_platform_elsewhere_is_given_no_file(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Here, "trains_here", False)
    request = world.request(
        dataset=str(world.root / "sheet.csv"), column_map="frage:prompt", dry_run=True
    )
    assert list(dry_run(world.session(), request, world.heard).forecast) == []
