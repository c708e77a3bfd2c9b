"""A dry run forecasts a job with held-out rows as it will be, before its rows are staged, too."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core.actions.tune.dry_run import DryRun, dry_run
from mlcc_core.contract.options import Option
from mlcc_core.errors import MlccError, raise_all
from mlcc_core.testing.platform import FakePlatform
from mlcc_engine.options.training import EVAL_EVERY, STOP_EARLY, TRAINING_OPTIONS, check_settings
from tests.mlcc_core.world import World, make_world


class Here(FakePlatform):
    """Trains on this machine, with the engine's options, and reads the rows that it forecasts."""

    trains_here: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = tuple(
        option for option in TRAINING_OPTIONS if option.key in (EVAL_EVERY, STOP_EARLY)
    )

    def build_request(self, context: Any, spec: Any) -> Any:
        raise_all(list(check_settings(spec)))
        return super().build_request(context, spec)

    def forecast(self, context: Any, spec: Any, request: Any) -> list[str]:
        found = []
        for place in (spec.dataset.uri, spec.dataset.validation):
            if place is None:
                continue
            if place.startswith("fake://"):
                with self.open_staged(context, place) as file:
                    lines = [line for line in file if line]
            else:
                lines = Path(place).read_bytes().splitlines()
            prompts = [json.loads(line)["prompt"] for line in lines]
            found.append(f"{len(prompts)} rows: {prompts}")
        return [f"{spec.dataset.rows} rows", *found]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path)
    made.platform = Here()
    made.write("train.jsonl", [{"prompt": f"q{n}", "completion": str(n)} for n in range(60)])
    made.write("val.jsonl", [{"prompt": f"v{n}", "completion": str(n)} for n in range(7)])
    return made


def foresee(world: World, **request: Any) -> DryRun:
    return dry_run(world.session(), world.request(dry_run=True, **request), world.heard)


@pytest.mark.parametrize(
    ("validation", "rows"), [(None, (54, 6)), ("0.1", (54, 6)), ("20", (40, 20)), ("val", (60, 7))]
)
@pytest.mark.parametrize("values", [{}, {"stop_early": 3}, {"eval_every": "5"}])
def test_before_and_after_staging(
    world: World, validation: str | None, rows: tuple[int, int], values: dict[str, Any]
) -> None:
    if validation == "val":
        validation = str(world.root / "val.jsonl")
    before = foresee(world, validation=validation, values=values)
    assert world.platform.staged == {}
    lines = list(before.forecast)
    assert lines[0] == f"{rows[0]} rows"
    assert [line.partition(":")[0] for line in lines[1:]] == [f"{count} rows" for count in rows]
    world.tune(validation=validation, values={**values, "epochs": 2})
    after = foresee(world, validation=validation, values=values)
    assert world.platform.staged
    assert list(after.forecast) == lines
    assert list(after.rows.lines()) == list(before.rows.lines())


def test_of_the_rows_that_are_taken(world: World) -> None:
    asked = {"validation": "0.5", "take": 10, "values": {"stop_early": 1}}
    lines = list(foresee(world, **asked).forecast)
    assert [line.partition(":")[0] for line in lines] == ["5 rows"] * 3


def test_nothing_is_left_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = world.root / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert foresee(world, values={"stop_early": 3}).forecast
    assert list(folder.iterdir()) == []


def test_where_only_first_rows_are_read(world: World) -> None:
    """It is not known yet how many are held out, which is reason enough to refuse nothing."""
    found = foresee(world, validate="quick", values={"stop_early": 3})
    assert found.forecast[0] == "10 rows"


@pytest.mark.parametrize("rows", [["a"] * 60, [f"q{n}" for n in range(49)]])
def test_where_none_is_held_out(world: World, rows: list[str]) -> None:
    """One prompt only, which cannot be on both sides; too few rows."""
    world.write("train.jsonl", [{"prompt": row, "completion": "b"} for row in rows])
    with pytest.raises(MlccError, match="--stop-early needs held-out rows"):
        foresee(world, values={"stop_early": 3})
    with pytest.raises(MlccError, match="--stop-early needs held-out rows"):
        world.tune(values={"stop_early": 3})


def test_of_rows_that_another_machine_will_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Here, "trains_here", False)
    found = foresee(world, validation="0.1", values={"stop_early": 3})
    assert "6 of 60 rows" in str(found.rows.held_out)
    assert found.forecast == ()
