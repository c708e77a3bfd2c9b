"""``mlcc tune`` on a platform that costs money: told before, held to a limit, kept on record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_core.project.records import RunRecord
from mlcc_core.testing.parts.pricing import FakePricing
from mlcc_core.testing.platform import FakePlatform
from tests.mlcc_core.cli.conftest import Mlcc, Terminal
from tests.mlcc_core.world import World

TUNE = ("tune", "train.jsonl", "--technique", "fake")
# Each of the 12 rows "i + 1 =" with its reply has 5 words, which the fake takes for tokens.
PRICE = "💰 tokens trained on: 0.00006 million tokens × $2.00 (fake list) = $0.00012"


@pytest.fixture
def prices(world: World) -> FakePricing:
    world.platform.prices = FakePricing()
    return world.platform.prices


def plan(mlcc: Mlcc, *flags: str) -> Any:
    said = mlcc(*TUNE, "--dry-run", "--json", *flags)
    assert said.code == 0, said.err
    return said.document["plan"]


def staged(world: World) -> None:
    """Have datasets copied, as a platform does that does not reach this machine."""
    world.platform.out_of_reach = "Jobs do not reach this machine."


def test_a_plan_has_its_cost(world: World, prices: FakePricing, mlcc: Mlcc):
    assert PRICE in mlcc(*TUNE, "--dry-run").out.splitlines()
    cost = plan(mlcc)["cost"]
    assert cost["tokens"] == {
        "tokens": 60,
        "rows": 12,
        "counted": 12,
        "low": 60,
        "high": 60,
        "tokenizer": "fake-model",
    }
    (charge,) = cost["charges"]
    assert (charge["price"], charge["source"], cost["total"]) == (2.0, "fake list", 0.00012)
    assert world.jobs() == []


def test_what_costs_nothing_has_no_cost(world: World, mlcc: Mlcc):
    assert plan(mlcc)["cost"] is None
    assert "💰" not in mlcc(*TUNE, "--dry-run", "--max-cost", "1").out
    assert mlcc(*TUNE, "--max-cost", "1").code == 0


@pytest.mark.parametrize(
    ("flags", "tokens"),
    [((), 60), (("--take", "5"), 25), (("--validation", "4"), 40)],
)
@pytest.mark.parametrize("copied", [True, False])
def test_the_rows_to_train_on_are_counted_wherever_they_are(
    world: World, prices: FakePricing, mlcc: Mlcc, copied: bool, flags: tuple[str, ...], tokens: int
):
    if copied:
        staged(world)
    before = plan(mlcc, *flags)["cost"]["tokens"]
    assert mlcc(*TUNE, *flags).code == 0
    job = world.platform.jobs.popitem()[0]
    after = plan(mlcc, *flags, "--force")["cost"]["tokens"]  # staged by now
    assert before["tokens"] == after["tokens"] == tokens
    assert {each.tokens for each in prices.priced if each is not None} == {tokens}
    saved = world.record(job).cost
    assert saved is not None
    assert saved["total"] == pytest.approx(tokens * 2e-6)


def test_the_price_is_told_before_the_job_and_kept(world: World, prices: FakePricing, mlcc: Mlcc):
    said = mlcc(*TUNE)
    lines = said.err.splitlines()
    assert lines.index(PRICE) < next(i for i, line in enumerate(lines) if "Submitted" in line)
    spent = "💰 spent: tokens trained on: 0.001 million tokens × $2.00 (fake list) = $0.002"
    assert spent in said.out.splitlines()
    assert prices.calls.count("spent") == 1
    mlcc(*TUNE)
    mlcc("tune", "--status")
    assert prices.calls.count("spent") == 1
    record = mlcc(*TUNE, "--json").document["record"]
    assert record["cost"]["total"] == 0.00012
    assert record["spent"]["total"] == 0.002


@pytest.mark.parametrize("copied", [True, False])
@pytest.mark.parametrize("dry", [True, False])
def test_a_limit_refuses_before_a_job_exists(
    world: World, prices: FakePricing, mlcc: Mlcc, copied: bool, dry: bool
):
    if copied:
        staged(world)
    flags = ("--dry-run",) if dry else ()
    said = mlcc(*TUNE, "--max-cost", "0.0001", *flags)
    assert said.code == 1
    assert said.crosses == ["❌ This may cost $0.00012, more than --max-cost 0.0001 allows."]
    hint = said.err.splitlines()[-1].strip()
    assert hint.endswith("# without --max-cost")
    assert "submit" not in world.platform.calls
    assert mlcc(*TUNE, "--max-cost", "0.00012", *flags).code == 0


def test_what_has_no_price_is_refused_before_anything_is_staged(
    world: World, prices: FakePricing, mlcc: Mlcc
):
    staged(world)
    prices.per_million = None
    said = mlcc(*TUNE, "--max-cost", "5")
    assert said.code == 1
    assert "--max-cost 5 cannot be kept: the cost is not known (tokens trained on" in said.err
    assert "Name your price with --price." in said.err
    assert world.platform.staged == {}
    assert mlcc(*TUNE).code == 0
    lines = mlcc(*TUNE, "--dry-run", "--force").out.splitlines()
    place = lines.index("💰 tokens trained on: 0.00006 million tokens, no price is published")
    assert lines[place + 1] == "   Name your price with --price."


def test_tokens_that_cannot_be_counted_are_refused_with_the_reason(
    world: World, prices: FakePricing, mlcc: Mlcc
):
    missing = MlccError("The tokenizer is not on this machine.", hint="hf download fake-model")
    world.platform.fail("token_counter", missing, missing)
    said = mlcc(*TUNE, "--max-cost", "5")
    assert said.code == 1
    assert "hf download fake-model" in said.err
    assert world.jobs() == []
    shown = mlcc(*TUNE, "--dry-run").out.splitlines()
    assert "ℹ️  The tokens were not counted: The tokenizer is not on this machine." in shown
    price = "💰 tokens trained on: $2.00 a million tokens (fake list); how many is not known yet"
    assert price in shown


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf"])
def test_a_limit_is_an_amount(world: World, mlcc: Mlcc, limit: str):
    said = mlcc(*TUNE, "--max-cost", limit)
    assert (said.code, len(said.crosses)) == (1, 1)
    assert "expected US dollars above 0" in said.err


def test_a_platform_that_tells_no_prices_is_not_taken_for_free(world: World, mlcc: Mlcc):
    class Silent(FakePlatform):
        costs_money: ClassVar[bool] = True

    world.platform = Silent()
    said = mlcc(*TUNE, "--max-cost", "5")
    assert said.code == 1
    assert "the cost is not known" in said.err
    assert "💰 job on fake: 1 job, the price is not known" in mlcc(*TUNE, "--dry-run").out


def test_a_limit_decides_nothing_and_is_not_for_a_job_that_exists(
    world: World, prices: FakePricing, mlcc: Mlcc
):
    first = mlcc(*TUNE, "--json").document
    said = mlcc(*TUNE, "--max-cost", "0.0000001", "--json")
    assert (said.code, said.document["job"]) == (0, first["job"])
    assert f"--max-cost is for new jobs: {first['job']} exists" in said.err
    assert f"--max-cost is for new jobs: {first['job']}" in plan_said(mlcc)


def plan_said(mlcc: Mlcc) -> str:
    return mlcc(*TUNE, "--dry-run", "--max-cost", "0.0000001").err


def test_a_limit_is_a_key_of_run_files(world: World, prices: FakePricing, mlcc: Mlcc):
    Path("run.yaml").write_text("technique: fake\ndataset: train.jsonl\nmax_cost: 0.0001\n")
    assert "more than --max-cost 0.0001" in mlcc("tune", "--file", "run.yaml").err
    job = mlcc("tune", "--file", "run.yaml", "--max-cost", "3", "--json").document["job"]
    assert "max_cost: 3.0" in mlcc("runs", "show", job, "--as-file").out
    assert "--max-cost" not in mlcc("runs", "show", job).out


def test_the_price_stands_before_a_question(world: World, prices: FakePricing, terminal: Terminal):
    world.write("qa.jsonl", [{"question": f"{i}?", "answer": "b"} for i in range(3)])
    _, shown = terminal("n", "tune", "qa.jsonl", "--technique", "fake")
    price = "💰 tokens trained on: $2.00 a million tokens (fake list); how many is not known yet"
    assert shown.index(price) < shown.index("[y/N]")
    world.platform.course = ("running",) * 1000
    world.tune(wait=False)
    world.platform.course = ("completed",)
    _, shown = terminal("n", *TUNE, "--epochs", "9", "--force")
    assert shown.index(PRICE) < shown.index("[y/N]")


def test_a_price_list_that_fails_spoils_no_job_that_is_over(
    world: World, prices: FakePricing, mlcc: Mlcc
):
    prices.fail("spent", PlatformError("The list is away."))
    said = mlcc(*TUNE, "--json")
    assert said.code == 0
    job = said.document["job"]
    assert f"⚠️  The cost of {job} is not known: The list is away." in said.err
    assert world.record(job).spent is None


def test_a_job_that_failed_has_cost_money(world: World, prices: FakePricing, mlcc: Mlcc):
    world.platform.course = ("running", "failed")
    said = mlcc(*TUNE)
    assert said.code == 2
    assert "💰 spent: tokens trained on: 0.001 million tokens" in said.err


def test_records_without_costs_still_load(world: World, prices: FakePricing, mlcc: Mlcc):
    job = mlcc(*TUNE, "--json").document["job"]
    path = world.root / ".mlcc" / "runs" / f"{job}.json"
    saved = json.loads(path.read_text())
    del saved["cost"], saved["spent"]
    path.write_text(json.dumps(saved))
    record = RunRecord.model_validate(saved)
    assert (record.cost, record.spent) == (None, None)
    said = mlcc("runs", "list")
    assert "cost" not in said.out.splitlines()[0]
