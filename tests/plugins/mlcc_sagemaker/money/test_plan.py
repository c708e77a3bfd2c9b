"""Prices in plans and records, at the terminal."""

from __future__ import annotations

import json

import pytest

from tests.aws_account.training import courses
from tests.plugins.mlcc_sagemaker.conftest import set_variable
from tests.plugins.mlcc_sagemaker.money.published import QWEN_JUDGE, publish_judge

TUNE = ("tune", "--technique", "sft", "--dataset", "s3://data/train.jsonl")
JUDGED = (
    *("tune", "--technique", "rlaif", "--dataset", "s3://data/rlaif.jsonl"),
    *("--reward-prompt", "s3://data/judge.txt", "--judge-model", QWEN_JUDGE),
)
PRICE = "--price-per-million-tokens"


def bill(out: str) -> list[str]:
    """The lines of the bill, with the notes below them."""
    lines = out.splitlines()
    return [
        line
        for n, line in enumerate(lines)
        if "💰" in line or ("💰" in lines[n - 1] and line.startswith("   "))
    ]


def test_a_plan_counts_the_tokens_and_says_how_to_name_a_price(ready, in_cache):
    ran = ready(*TUNE, "--epochs", "3", "--dry-run")
    assert ran.code == 0, ran
    counted, note = bill(ran.out)
    assert counted.startswith("💰 tokens trained on: 0.000")
    assert counted.endswith("million tokens, no price is published")
    assert "tokens of 12 rows × 3 epochs. To name yours: set PRICE_PER_MILLION_TOKENS" in note


def test_a_plan_at_your_price(ready, in_cache):
    set_variable(ready, PRICE_PER_MILLION_TOKENS="1000")
    ran = ready(*TUNE, "--epochs", "3", "--dry-run", "--json")
    cost = json.loads(ran.out)["plan"]["cost"]
    (charge,) = cost["charges"]
    assert (charge["price"], charge["source"]) == (1000.0, "yours")
    assert cost["total"] == pytest.approx(charge["quantity"] * 1000)


def test_a_plan_with_a_judge_has_its_prices(ready, account):
    publish_judge(account)
    ran = ready(*JUDGED, "--dry-run")
    assert ran.code == 0, ran
    said = "\n".join(bill(ran.out))
    assert f"judge {QWEN_JUDGE}, tokens read: $0.15 a million tokens (AWS price list, " in said
    assert f"judge {QWEN_JUDGE}, tokens written: $0.60 a million tokens" in said
    assert len(account.log.calls("pricing:GetProducts")) == 2
    ready(*JUDGED, "--dry-run")
    assert len(account.log.calls("pricing:GetProducts")) == 2


def test_a_limit_holds_and_creates_nothing(ready, account, in_cache):
    for words, why in (
        ((), "the cost is not known (tokens trained on: "),
        ((PRICE, "1e9"), "This may cost $"),
    ):
        ran = ready(*TUNE, *words, "--max-cost", "1")
        assert ran.code == 1
        assert why in ran.err
    assert account.log.calls("CreateTrainingJob") == []


def test_without_the_permission_the_plan_is_whole(ready, account):
    account.inject("GetProducts", "denied", times=None)
    ran = ready(*JUDGED, "--dry-run")
    assert ran.code == 0, ran
    assert "the permission pricing:GetProducts is missing" in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_the_services_own_count_is_priced_in_the_record(ready, account, in_cache):
    account.jobs.course = courses.at_once()
    ran = ready(*TUNE, PRICE, "2", "--max-cost", "1", "--json")
    assert ran.code == 0, ran
    name = json.loads(ran.out)["job"]
    record = json.loads(ready("runs", "show", name, "--json").out)
    assert "yours" in json.dumps(record)
    assert "tokens charged" in json.dumps(record)
