"""``mlcc tune`` tells SageMaker's price, or how to name one, before anything is staged or sent."""

from __future__ import annotations

TUNE = ("tune", "--technique", "sft", "--dataset", "s3://data/sft.jsonl")
GET_TOKENIZER = "hf download Qwen/Qwen3-0.6B"
YOURS = ("--price-per-million-tokens", "2")


def test_a_plan_says_how_to_name_a_price_and_get_the_tokenizer(ready, account):
    said = ready(*TUNE, "--dry-run")
    assert said.code == 0, said
    assert "💰 tokens trained on: no price is published" in said.out
    assert "PRICE_PER_MILLION_TOKENS" in said.out
    assert GET_TOKENIZER in said.out


def test_your_own_price_is_marked_as_yours(ready, account):
    said = ready(*TUNE, "--dry-run", *YOURS)
    price = "💰 tokens trained on: $2.00 a million tokens (yours); how many is not known yet"
    assert price in said.out.splitlines()


def test_a_limit_refuses_what_has_no_price_before_anything_is_staged(ready, account):
    before = len(account.log.calls("PutObject"))
    said = ready(*TUNE, "--max-cost", "5")
    assert said.code == 1
    assert "--max-cost 5 cannot be kept: the cost is not known (tokens trained on" in said.err
    assert "PRICE_PER_MILLION_TOKENS" in said.err
    assert len(account.log.calls("PutObject")) == before
    assert account.log.calls("CreateTrainingJob") == []


def test_a_limit_refuses_tokens_that_nobody_counted(ready, account):
    said = ready(*TUNE, "--max-cost", "5", *YOURS)
    assert said.code == 1
    assert GET_TOKENIZER in said.err
    assert account.log.calls("CreateTrainingJob") == []
