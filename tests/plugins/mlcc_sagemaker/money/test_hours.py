"""Endpoints are charged by the hour of their instances."""

from __future__ import annotations

from mlcc_core import Charge
from mlcc_sagemaker.money.hours import endpoint_hours
from tests.plugins.mlcc_sagemaker.conftest import make_context
from tests.plugins.mlcc_sagemaker.money.published import GPU, hosting, publish_instance


def test_the_question_is_exactly_this(account, context):
    publish_instance(account, "1.5150000000")
    endpoint_hours(context, GPU)
    assert account.log.only("GetProducts").params == {
        "ServiceCode": "AmazonSageMaker",
        "FormatVersion": "aws_v1",
        "MaxResults": 100,
        "Filters": [
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
            {"Type": "TERM_MATCH", "Field": "instanceName", "Value": GPU},
            {"Type": "TERM_MATCH", "Field": "component", "Value": "Hosting"},
        ],
    }


def test_an_hour_of_one_instance_and_of_several(account, context):
    publish_instance(account, "1.5150000000")
    publish_instance(account, "7.0900000000", instance="ml.g5.12xlarge")
    one, three = endpoint_hours(context, GPU), endpoint_hours(context, GPU, 3)
    assert one == Charge(
        f"endpoint {GPU}", "hour", price=1.515, source=one.source, by_the_hour=True
    )
    assert (three.what, three.price) == (f"endpoint 3 × {GPU}", 3 * 1.515)


def test_another_region_has_its_own_price(account, tmp_path):
    publish_instance(account, "1.5150000000")
    publish_instance(account, "1.7", region="eu-west-1")
    context = make_context(tmp_path, account, {"AWS_REGION": "eu-west-1"})
    assert endpoint_hours(context, GPU).price == 1.7


def test_prices_that_disagree_are_not_chosen_from(account, context):
    publish_instance(account, "1.5150000000")
    account.prices.publish("AmazonSageMaker", hosting(usagetype="USE1-LZ:other"), "2.5")
    charge = endpoint_hours(context, GPU)
    assert charge.price is None
    assert charge.source == ""
    assert charge.note == (
        f"The AWS price list has several prices of {GPU} in us-east-1: $1.515, $2.5."
    )


def test_yuan_are_no_dollars(account, tmp_path):
    attributes = hosting(region="cn-north-1")
    account.prices.publish("AmazonSageMaker", attributes, "10.5310000000", currency="CNY")
    context = make_context(tmp_path, account, {"AWS_REGION": "cn-north-1"})
    charge = endpoint_hours(context, GPU)
    assert (charge.price, charge.note) == (
        None,
        f"The AWS price list has the price of {GPU} in cn-north-1 in CNY alone.",
    )


def test_no_region_is_no_price(account, tmp_path, monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    context = make_context(tmp_path, account, {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""})
    assert endpoint_hours(context, GPU).note == "No AWS region is set."


def test_deploy_would_create_one_instance(account, context, platform):
    publish_instance(account, "1.5150000000")
    (charge,) = platform.pricing.of_deployment(context, None)
    assert (charge.what, charge.price, charge.by_the_hour) == (f"endpoint {GPU}", 1.515, True)
    assert account.log.writing() == []


def test_what_stands_goes_on_to_cost(served, context, platform):
    publish_instance(served, "1.5150000000")
    (charge,) = platform.pricing.of_deployment(context, None)
    assert charge.price == 1.515


def test_what_cannot_be_deployed_has_a_note(account, tmp_path, platform):
    context = make_context(tmp_path, account, {"INSTANCE_TYPE": "ml.t3.medium"})
    (charge,) = platform.pricing.of_deployment(context, None)
    assert charge.price is None
    assert "cannot be served on 'ml.t3.medium'" in charge.note
