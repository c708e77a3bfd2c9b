"""``mlcc evaluate --managed`` and money: told before, kept with the evaluation, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlcc_core.actions.evaluate.stored import read_latest_evaluation
from mlcc_core.contract.managed.spec import ManagedSpec
from mlcc_core.contract.platform.values import Context, Request
from mlcc_core.errors import PlatformError
from mlcc_core.testing.parts.managed import FakeManaged
from mlcc_core.testing.parts.pricing import FakePricing
from tests.mlcc_core.actions.evaluate.conftest import Lab
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.cli.evaluate.test_managed_command import BENCHMARK, JUDGE, jobs, run_of


@pytest.fixture(autouse=True)
def prices(lab: Lab) -> FakePricing:
    """The platform has prices."""
    found = lab.world.platform.prices = FakePricing()
    return found


def test_what_jobs_cost_is_kept(lab: Lab, mlcc: Mlcc) -> None:
    """The price of both jobs is told before, and stays with the evaluation, as what they used."""
    said = mlcc(*JUDGE)
    assert said.code == 0, said.err
    assert said.err.count("💰 tokens trained on, for ") == 2
    assert said.out.count("💰 spent: tokens charged, for ") == 2
    run = run_of(lab)
    told, again = (
        read_latest_evaluation(lab.world.project, run),
        mlcc(*JUDGE, "--json").document["evaluations"][0],
    )
    assert told is not None
    assert [charge.what for charge in told.cost] == [
        f"tokens trained on, for {run}",
        "tokens trained on, for base",
    ]
    assert all(charge.cost for charge in told.cost)
    assert [charge.quantity for charge in told.spent] == [0.001, 0.001]
    assert [each["quantity"] for each in again["cost"]] == [each.quantity for each in told.cost]
    assert ", $0.004 spent)" in mlcc("runs", "show", run).out
    assert mlcc("runs", "report", run).code == 0
    report = next((lab.world.root).rglob("*.html")).read_text()
    assert "planned: tokens trained on, for base" in report
    assert "spent: tokens charged, for base" in report


def test_what_was_used_may_not_be_known(prices: FakePricing, mlcc: Mlcc) -> None:
    """The scores are kept all the same, and a line says that the cost is missing."""
    prices.fail("spent_on_evaluation", PlatformError("No answer."))
    said = mlcc(*BENCHMARK)
    assert said.code == 0, said.err
    assert "⚠️  The cost of benchmark quiz is not known: No answer." in said.err
    assert "spent" not in said.out


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_amount(lab: Lab, mlcc: Mlcc, limit: str) -> None:
    said = mlcc(*BENCHMARK, "--max-cost", limit)
    assert said.code == 1
    assert said.crosses == [f"❌ --max-cost is {limit}, expected US dollars above 0."]
    assert not jobs(lab)


def test_a_note_of_several_requests_is_said_once(
    lab: Lab, mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = FakeManaged.build_request

    def noted(self: FakeManaged, context: Context, spec: ManagedSpec) -> Request:
        return replace(build(self, context, spec), notes=("ℹ️  A function is made.",))

    submit = lab.world.platform.submit

    def told(context: Context, *given: Any) -> None:
        context.say("ℹ️  Nothing tracks it.")
        submit(context, *given)

    monkeypatch.setattr(FakeManaged, "build_request", noted)
    monkeypatch.setattr(lab.world.platform, "submit", told)
    said = mlcc(*BENCHMARK)
    assert said.code == 0, said.err
    assert said.err.count("Nothing tracks it.") == 1
    assert said.err.count("A function is made.") == 1
