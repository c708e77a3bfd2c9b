"""Judges are charged by the tokens that they read and write, at Bedrock's standard prices."""

from __future__ import annotations

import pytest

from mlcc_sagemaker.live.known_judges import REGIONS_BY_JUDGE
from mlcc_sagemaker.money.bedrock import judge_charges, token_price
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.money.published import QWEN_JUDGE, publish_judge, publish_tokens


def test_the_standard_price_is_found_among_all_tiers(account, context):
    publish_judge(account)
    publish_judge(account, region="us-west-2")
    read, written = judge_charges(context, f"bedrock/{QWEN_JUDGE}")
    assert (read.what, read.unit, read.price) == (
        f"judge {QWEN_JUDGE}, tokens read",
        "million tokens",
        0.15,
    )
    assert (written.what, written.price) == (f"judge {QWEN_JUDGE}, tokens written", 0.6)
    assert read.source.startswith("AWS price list, 20")
    assert read.quantity is None
    assert "depends on the replies" in read.note


def test_the_question_is_exactly_this(account, context):
    token_price(context, QWEN_JUDGE, "written")
    call = account.log.only("GetProducts")
    assert call.params["ServiceCode"] == "AmazonBedrock"
    assert {one["Field"]: one["Value"] for one in call.params["Filters"]} == {
        "regionCode": "us-east-1",
        "feature": "On-demand Inference",
        "inferenceType": "Output tokens",
    }


@pytest.mark.parametrize(
    ("usage", "judge"),
    [
        ("gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("gpt-oss-20b", "openai.gpt-oss-20b-1:0"),
        ("Qwen3-32B", "qwen.qwen3-32b-v1:0"),
        ("Qwen3-235B-A22B-2507", "qwen.qwen3-235b-a22b-2507-v1:0"),
    ],
)
def test_a_usage_type_names_its_model_in_another_spelling(account, context, usage, judge):
    assert judge in REGIONS_BY_JUDGE
    publish_tokens(account, f"{usage}-input-tokens")
    assert token_price(context, judge, "read").amount == pytest.approx(0.1)
    for other in REGIONS_BY_JUDGE.keys() - {judge}:
        assert token_price(context, other, "read").amount is None


@pytest.mark.parametrize(
    "usage",
    [
        "Qwen3-32B-input-tokens-cross-region-global",
        "Qwen3-32B-input-tokens-custom-model",
        "Qwen3-32B-cache-read-input-tokens",
        "Qwen3-32B-Coder-input-tokens",
    ],
)
def test_what_only_looks_like_it_is_left_out(account, context, usage):
    publish_tokens(account, usage)
    price = token_price(context, QWEN_JUDGE, "read")
    assert (price.amount, price.why) == (
        None,
        f"The AWS price list has no price of {QWEN_JUDGE} in us-east-1, tokens read.",
    )


def test_a_price_by_the_million_and_one_of_an_unknown_unit(account, context):
    publish_tokens(account, "Qwen3-32B-input-tokens", amount="0.15", unit="1M tokens")
    publish_tokens(account, "Qwen3-32B-input-tokens", amount="150", unit="1B tokens")
    assert token_price(context, QWEN_JUDGE, "read").amount == 0.15


def test_prices_that_disagree_are_not_chosen_from(account, context):
    publish_tokens(account, "Qwen3-32B-input-tokens", amount="0.0001")
    publish_tokens(account, "Qwen3-32B-input-tokens", amount="0.0002")
    assert token_price(context, QWEN_JUDGE, "read").why.endswith("tokens read: $0.1, $0.2.")


def test_another_region_has_no_price_of_this_one(account, tmp_path):
    publish_judge(account)
    context = make_context(tmp_path, account, {"AWS_REGION": "us-west-2"})
    assert token_price(context, QWEN_JUDGE, "read").amount is None
