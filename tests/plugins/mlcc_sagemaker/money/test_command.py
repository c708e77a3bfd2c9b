"""The user's own price at the terminal: offered, checked, and no reason for another job."""

from __future__ import annotations

import json

from tests.aws_account.training import courses

TUNE = ("tune", "--technique", "sft", "--dataset", "s3://data/train.jsonl")
PRICE = "--price-per-million-tokens"


def test_a_new_project_says_where_a_price_goes(mlcc):
    config = mlcc.config.read_text()
    assert "# export PRICE_PER_MILLION_TOKENS=\n" in config
    assert "# export PRICE_PER_HOUR=\n" in config


def test_help_says_it_too(mlcc):
    ran = mlcc("tune", "--help")
    assert f"{PRICE} USD" in ran.out
    assert "--price-per-hour USD" in ran.out


def test_a_price_below_nothing_is_refused(ready):
    ran = ready(*TUNE, PRICE, "-1", "--dry-run")
    assert ran.code == 1
    assert f"❌ {PRICE} -1.0 is out of range: expected a number of at least 0." in ran.err
    assert f"# without {PRICE}" in ran.err


def test_a_price_is_not_sent(ready):
    plain = json.loads(ready(*TUNE, "--dry-run", "--json").out)
    priced = json.loads(ready(*TUNE, PRICE, "2.5", "--dry-run", "--json").out)
    assert priced["request"] == plain["request"]


def test_another_price_is_no_other_job(ready, account):
    account.jobs.course = courses.at_once()
    for price in ("2.5", "3"):
        ran = ready(*TUNE, PRICE, price)
        assert ran.code == 0, ran
    assert len(account.log.calls("CreateTrainingJob")) == 1
