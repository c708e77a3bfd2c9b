"""``mlcc evaluate`` where answers cost money."""

from __future__ import annotations

import pytest

from mlcc_core.contract.platform.benchmark import Benchmark
from mlcc_core.testing.parts.pricing import FakePricing
from tests.mlcc_core.actions.evaluate.conftest import Lab
from tests.mlcc_core.cli.conftest import Mlcc

# 24 rows, two models, at most 256 tokens each.
PRICE = "💰 tokens generated: 0.01229 million tokens × $2.00 (fake list) = $0.02"


@pytest.fixture
def prices(lab: Lab) -> FakePricing:
    lab.world.platform.prices = FakePricing()
    return lab.world.platform.prices


def test_the_price_is_announced_before_anything_is_asked(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    told: list[bool] = []
    reply = lab.answers.reply

    def answer(title: str, text: str) -> str:
        told.append("of_answers" in prices.calls)
        return reply(title, text)

    lab.answers.reply = answer
    said = mlcc("evaluate")
    assert said.code == 0
    assert PRICE in said.err.splitlines()
    assert all(told)
    again = mlcc("evaluate")
    assert "💰 tokens generated" not in again.err  # all answers are stored


def test_a_limit_refuses_before_anything_is_asked(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    said = mlcc("evaluate", "--max-cost", "0.02")
    assert said.code == 1
    assert said.crosses == ["❌ This may cost $0.024576, more than --max-cost 0.02 allows."]
    assert "   mlcc evaluate\n   # without --max-cost\n" in said.err
    assert lab.answers.asked == []
    assert mlcc("evaluate", "--max-cost", "0.03").code == 0


def test_all_targets_are_held_together(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    targets = ("fake", "other-model")
    said = mlcc("evaluate", *targets, "--technique", "fake", "--max-cost", "0.03", *rows_of(lab))
    assert said.code == 1
    assert "more than --max-cost 0.03" in said.err
    assert lab.answers.asked == []


def rows_of(lab: Lab) -> tuple[str, ...]:
    """Rows that no run was trained on."""
    rows = [{"prompt": f"{i} + 1 =", "completion": str(i + 1)} for i in range(100, 130)]
    return ("--dataset", lab.world.write("test.jsonl", rows))


def test_a_judge_has_a_line_of_its_own(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    said = mlcc("evaluate", "--metric", "preferred", "--judge", "someone")
    assert "💰 judge: 48 questions × $0.50 (fake list) = $24.00" in said.err
    assert "💰 in all: $24.02" in said.err


def test_what_has_no_price_is_refused(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    prices.per_million = None
    said = mlcc("evaluate", "--max-cost", "5")
    assert said.code == 1
    assert "the cost is not known (tokens generated" in said.err
    assert "Name your price with --price." in said.err
    assert "no price is published" in mlcc("evaluate").err


def test_a_benchmark_brings_rows_that_nobody_priced(lab: Lab, prices: FakePricing, mlcc: Mlcc):
    lab.answers.benchmarks["arc"] = Benchmark(
        name="arc",
        source="arc",
        title="accuracy",
        metric="acc",
        higher_is_better=True,
        documents=tuple(f"d{i}" for i in range(30)),
        fingerprint="f",
    )
    said = mlcc("evaluate", "--benchmark", "arc", "--max-cost", "5")
    assert said.code == 1
    assert "the cost is not known (answers to benchmark arc: 60 answers" in said.err
    assert mlcc("evaluate", "--benchmark", "arc").code == 0


@pytest.mark.parametrize("limit", ["0", "nan"])
def test_a_limit_is_an_amount(lab: Lab, mlcc: Mlcc, limit: str):
    said = mlcc("evaluate", "--max-cost", limit)
    assert (said.code, len(said.crosses)) == (1, 1)


def test_what_costs_nothing_is_within_each_limit(lab: Lab, mlcc: Mlcc):
    said = mlcc("evaluate", "--max-cost", "0.01")
    assert said.code == 0
    assert "💰" not in said.err
