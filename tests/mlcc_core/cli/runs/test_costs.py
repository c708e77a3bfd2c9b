"""Costs of runs: listed, shown, compared, reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcc_core.testing.parts.pricing import FakePricing
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World


@pytest.fixture
def jobs(world: World) -> tuple[str, str, str]:
    """A run before there were prices, one that was priced, and one whose platform told its end."""
    first = world.tune().job
    world.platform.prices = FakePricing(per_million=30_000.0)
    world.platform.prices.used = None
    second = world.tune(values={"epochs": 2}, force=True, max_cost=9.0).job
    world.platform.prices.used = 100
    third = world.tune(values={"epochs": 3}, force=True).job
    return first, second, third


def test_a_list_has_a_column_of_costs_where_a_run_has_one(
    world: World, mlcc: Mlcc, jobs: tuple[str, str, str]
):
    head, *rows = mlcc("runs", "list").out.splitlines()
    assert "cost" in head
    cells = {job: next(row for row in rows if job in row) for job in jobs}
    assert "$" not in cells[jobs[0]]
    assert "$1.80 planned" in cells[jobs[1]]
    assert "$3.00" in cells[jobs[2]]
    assert "max-cost" not in "".join(cells.values())
    found = {row["job"]: row for row in mlcc("runs", "list", "--json").document["runs"]}
    assert [(found[job]["cost"], found[job]["spent"]) for job in jobs] == [
        (None, None),
        (pytest.approx(1.8), None),
        (pytest.approx(1.8), pytest.approx(3.0)),
    ]


def test_a_list_without_costs_has_no_such_column(world: World, mlcc: Mlcc):
    world.tune()
    assert "cost" not in mlcc("runs", "list").out.splitlines()[0]


def test_a_run_is_shown_with_both(mlcc: Mlcc, jobs: tuple[str, str, str]):
    shown = mlcc("runs", "show", jobs[2]).out.splitlines()
    charge = "tokens trained on: {} million tokens × $30,000.00 (fake list) = {}"
    assert f"💰 planned: {charge.format('0.00006', '$1.80')}" in shown
    assert f"💰 spent: {charge.format('0.0001', '$3.00')}" in shown
    run = mlcc("runs", "show", jobs[1], "--json").document["run"]
    assert run["spent"] == {"charges": [], "total": 0, "most": 0}
    assert "💰 spent" not in mlcc("runs", "show", jobs[1]).out


def test_runs_are_compared_by_cost(mlcc: Mlcc, jobs: tuple[str, str, str]):
    shown = mlcc("runs", "compare", *jobs).out
    assert "cost, planned" in shown
    assert "cost, spent" in shown
    assert "max-cost" not in shown
    runs = mlcc("runs", "compare", *jobs, "--json").document["runs"]
    assert [run["spent"] for run in runs] == [None, None, pytest.approx(3.0)]


def test_a_report_has_both(mlcc: Mlcc, jobs: tuple[str, str, str]):
    mlcc("runs", "report", jobs[2], "--to", "run.html")
    page = Path("run.html").read_text()
    assert "planned: tokens trained on" in page
    assert "spent: tokens trained on" in page
    assert "0.0001 million tokens × $30,000.00 (fake list) = $3.00" in page


def test_a_wait_keeps_what_was_spent(world: World, mlcc: Mlcc):
    world.platform.prices = FakePricing()
    job = world.tune(wait=False).job
    assert world.record(job).spent is None
    assert mlcc("wait", job).code == 0
    spent = world.record(job).spent
    assert spent is not None
    assert spent["total"] == 0.002
