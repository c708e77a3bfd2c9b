"""The price list answers as the service does: JSON strings, filtered, in pages."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

HOST = {"instanceName": "ml.g5.xlarge", "component": "Hosting", "regionCode": "us-east-1"}


@pytest.fixture
def pricing(aws):
    return aws.client("pricing")


def skus(answer):
    return [json.loads(item)["product"]["sku"] for item in answer["PriceList"]]


def test_at_first_there_is_nothing(pricing):
    answer = pricing.get_products(ServiceCode="AmazonSageMaker")
    assert (answer["FormatVersion"], answer["PriceList"]) == ("aws_v1", [])


def test_an_item_is_a_json_string(aws, pricing):
    sku = aws.prices.publish("AmazonSageMaker", HOST, "1.4080000000", family="ML Instance")
    (text,) = pricing.get_products(ServiceCode="AmazonSageMaker")["PriceList"]
    item = json.loads(text)
    assert item["serviceCode"] == "AmazonSageMaker"
    assert item["product"]["productFamily"] == "ML Instance"
    assert item["product"]["attributes"] == {"servicecode": "AmazonSageMaker", **HOST}
    (offer,) = item["terms"]["OnDemand"].values()
    (dimension,) = offer["priceDimensions"].values()
    assert offer["sku"] == sku
    assert dimension["pricePerUnit"] == {"USD": "1.4080000000"}
    assert (dimension["unit"], dimension["endRange"]) == ("Hrs", "Inf")


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("TERM_MATCH", "ml.g5.xlarge", True),
        ("TERM_MATCH", "ml.g5", False),
        ("EQUALS", "ml.g5.xlarge", True),
        ("CONTAINS", "g5", True),
        ("ANY_OF", "ml.g5.xlarge,ml.g6.xlarge", True),
        ("NONE_OF", "ml.g5.xlarge,ml.g6.xlarge", False),
    ],
)
def test_filters(aws, pricing, kind, value, fits):
    aws.prices.publish("AmazonSageMaker", HOST, "1.4080000000")
    wanted = [{"Type": kind, "Field": "instanceName", "Value": value}]
    answer = pricing.get_products(ServiceCode="AmazonSageMaker", Filters=wanted)
    assert bool(answer["PriceList"]) == fits
    assert pricing.get_products(ServiceCode="AmazonBedrock")["PriceList"] == []


def test_pages(aws, pricing):
    published = [aws.prices.publish("AmazonBedrock", {}, "0.1") for _ in range(5)]
    paginator = pricing.get_paginator("get_products")
    wanted = {"ServiceCode": "AmazonBedrock", "PaginationConfig": {"PageSize": 2}}
    pages = list(paginator.paginate(**wanted))
    assert [len(page["PriceList"]) for page in pages] == [2, 2, 1]
    assert [sku for page in pages for sku in skus(page)] == published


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"NextToken": "no"}, "InvalidNextTokenException"),
        ({"MaxResults": 101}, "ValidationException"),
    ],
)
def test_refusals(aws, wrong, code):
    pricing = aws.client("pricing")
    pricing.meta.config.parameter_validation = False
    with pytest.raises(ClientError) as caught:
        pricing.get_products(ServiceCode="AmazonBedrock", **wrong)
    assert caught.value.response["Error"]["Code"] == code


def test_a_caller_without_the_permission(aws, pricing):
    aws.inject("GetProducts", "denied")
    with pytest.raises(ClientError, match="pricing:GetProducts"):
        pricing.get_products(ServiceCode="AmazonBedrock")
