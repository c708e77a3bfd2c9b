"""``mlcc runs compare`` as typed, and evaluations in ``mlcc runs list``."""

from __future__ import annotations

import json

import jsonschema
import pytest

from mlcc_core.actions.evaluate.stored import write_evaluation
from mlcc_core.cli.documents.schema import json_schema
from mlcc_core.cli.runs.curve_text import Line, curve_lines
from tests.mlcc_core.actions.runs.compare.test_curves import Logging
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.evaluations import row_results, sample_evaluation
from tests.mlcc_core.world import World


@pytest.fixture
def two(world: World) -> tuple[str, str]:
    world.platform = Logging()
    return (
        world.tune(values={"epochs": 1}).job,
        world.tune(values={"epochs": 2}, force=True).job,
    )


def test_runs_stand_beside_each_other(world: World, mlcc: Mlcc, two: tuple[str, str]):
    write_evaluation(world.project, sample_evaluation(two[1]))
    said = mlcc("runs", "compare", *two)
    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    assert ["A", two[0], "fake", "fake", "completed"] in lines
    assert ["--epochs", "1", "2"] in lines
    assert "📈 loss by step" in said.out
    assert "📈 learning rate by step" in said.out
    assert ["Exact", "match", "0.75", "(against", "0.25,", "better)"] in lines
    assert "different rows" not in said.out


def test_the_document_has_all_of_it(world: World, mlcc: Mlcc, two: tuple[str, str]):
    write_evaluation(world.project, sample_evaluation(two[0]))
    write_evaluation(world.project, sample_evaluation(two[1], rows=row_results(20)))
    said = mlcc("runs", "compare", *two, "--json")
    jsonschema.validate(json.loads(said.out), json_schema("runs-compare"))
    found = said.document
    assert found["differences"] == [{"name": "--epochs", "values": [1, 2]}]
    assert [run["job"] for run in found["runs"]] == list(two)
    assert found["runs"][0]["curves"][0]["points"][0] == [1, 3.0]
    assert found["runs"][1]["evaluated"][0]["verdict"] == "better"
    assert found["same_rows"] is False
    assert "⚠️  Their evaluations asked different rows" in mlcc("runs", "compare", *two).out


def test_two_runs_are_needed(world: World, mlcc: Mlcc, two: tuple[str, str]):
    alone = mlcc("runs", "compare", two[0])
    assert (alone.code, len(alone.crosses)) == (1, 1)
    assert "One run alone" in alone.err
    twice = mlcc("runs", "compare", two[1], "fake")
    assert (twice.code, len(twice.crosses)) == (1, 1)
    assert f"{two[1]} is named twice" in twice.err
    assert mlcc("runs", "compare", two[1], "fakk").code == 1


def test_runs_of_different_techniques_are_compared_with_a_warning(
    world: World, mlcc: Mlcc, two: tuple[str, str]
):
    other = world.tune(technique="second").job
    warning = "⚠️  Their techniques differ"
    assert warning in mlcc("runs", "compare", two[0], other).out
    assert warning not in mlcc("runs", "compare", *two).out


def test_the_list_has_the_latest_evaluation(world: World, mlcc: Mlcc, two: tuple[str, str]):
    write_evaluation(world.project, sample_evaluation(two[0], created=2.0))
    write_evaluation(world.project, sample_evaluation(two[0], created=1.0, metrics=()))
    said = mlcc("runs", "list")
    assert "exact match 0.25 → 0.75, better" in said.out
    newest, first = mlcc("runs", "list", "--json").document["runs"]
    assert first["evaluation"]["verdict"] == "better"
    assert newest["evaluation"] is None
    assert (first["changed"], newest["changed"]) == (
        None,
        [{"name": "--epochs", "values": [1, 2]}],
    )


def test_a_damaged_evaluation_hides_no_run(world: World, mlcc: Mlcc, two: tuple[str, str]):
    path = write_evaluation(world.project, sample_evaluation(two[0]))
    path.write_text("{")
    said = mlcc("runs", "list")
    assert said.code == 0
    assert two[0] in said.out
    assert f"{path.name} cannot be read" in said.err


def test_a_later_run_of_that_name_has_none_of_them(world: World, mlcc: Mlcc, two: tuple[str, str]):
    write_evaluation(world.project, sample_evaluation(two[0]))
    assert mlcc("runs", "remove", two[0], "--yes").code == 0
    assert world.tune(values={"epochs": 1}, force=True).job == two[0]
    assert "better" not in mlcc("runs", "list").out


LINES = (Line("A", ((0, 0), (10, 10))), Line("B", ((0, 10), (10, 0))))


def test_curves_are_drawn_over_each_other():
    *rows, scale, legend = curve_lines(LINES, width=30, colours=False)
    assert len(rows) == 12
    assert rows[0].startswith("10 ┤B")
    assert rows[0].endswith("A")
    assert rows[-1].startswith(" 0 ┤A")
    assert scale.strip().startswith("└0")
    assert scale.endswith("10")
    assert legend.split() == ["A", "B"]
    assert all(len(row) <= 30 for row in rows)


def test_a_terminal_has_them_in_dots_and_colours():
    rows = list(curve_lines(LINES, width=30, colours=True))
    assert "\x1b[36m" in rows[0] + rows[-1]
    assert any(0x2800 < ord(char) < 0x2900 for char in rows[5])


def test_a_level_curve_and_a_single_point_are_drawn():
    level = list(curve_lines([Line("A", ((1, 5), (9, 5)))], width=20, colours=False))
    assert sum("AAA" in row for row in level) == 1
    assert any("A" in row for row in curve_lines([Line("A", ((1, 5),))], width=20, colours=False))


def test_a_report_is_written(world: World, mlcc: Mlcc, two: tuple[str, str]):
    said = mlcc("runs", "report", "fake")
    assert (said.code, said.out) == (0, f"✅ {two[1]}.html: Not evaluated\n")
    found = mlcc("runs", "report", two[0], "--to", "first.html", "--json")
    jsonschema.validate(json.loads(found.out), json_schema("runs-report"))
    assert found.document["path"] == str(world.root / "first.html")
    assert two[0] in (world.root / "first.html").read_text()
    folder = mlcc("runs", "report", "fake", "--to", ".")
    assert (folder.code, len(folder.crosses)) == (1, 1)
    assert mlcc("runs", "report", "fakk").code == 1
