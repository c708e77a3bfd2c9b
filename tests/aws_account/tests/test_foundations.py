"""Bedrock's models and the list of judges as boto3 sees them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.services.foundations import EVALUATION, JUDGES_KEY, judges_bucket

pytestmark = pytest.mark.slow

MODEL = "openai.gpt-oss-20b-1:0"


def test_a_model_is_served_until_its_end(aws):
    bedrock = aws.client("bedrock")
    details = bedrock.get_foundation_model(modelIdentifier=MODEL)["modelDetails"]
    assert details["modelLifecycle"] == {"status": "ACTIVE"}
    assert (
        bedrock.get_foundation_model(modelIdentifier=details["modelArn"])["modelDetails"] == details
    )
    aws.foundations.end(MODEL, days=-1)
    lifecycle = bedrock.get_foundation_model(modelIdentifier=MODEL)["modelDetails"][
        "modelLifecycle"
    ]
    assert lifecycle["status"] == "LEGACY"
    assert lifecycle["endOfLifeTime"] < datetime.now(UTC)


@pytest.mark.parametrize(
    ("name", "code"),
    [("acme.judge-1", "ResourceNotFoundException"), ("judge", "ValidationException")],
)
def test_another_model_is_not_served(aws, name, code):
    with pytest.raises(ClientError) as caught:
        aws.client("bedrock").get_foundation_model(modelIdentifier=name)
    assert caught.value.response["Error"]["Code"] == code


def test_models_are_listed(aws):
    rows = aws.client("bedrock").list_foundation_models(byProvider="openai")["modelSummaries"]
    assert {row["modelId"] for row in rows} == {"openai.gpt-oss-120b-1:0", MODEL}


def test_each_region_has_a_list_of_judges(aws):
    for region in ("us-east-1", "us-west-2"):
        aws.clear(region)
        body = aws.client("s3").get_object(Bucket=judges_bucket(region), Key=JUDGES_KEY)["Body"]
        rows = json.loads(body.read())["supported_judge_models"]
        assert [row["model_id"] for row in rows] == list(EVALUATION)
