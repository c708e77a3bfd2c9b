"""Hubs as boto3 sees them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.hub import models

pytestmark = pytest.mark.slow

PUBLIC = "SageMakerPublicHub"
DOCUMENT = json.dumps({"SubType": "AWS/Evaluator", "JsonContent": "{}"})


@pytest.fixture
def sagemaker(aws):
    return aws.client("sagemaker")


def model(sagemaker, name, hub=PUBLIC):
    content = sagemaker.describe_hub_content(
        HubName=hub, HubContentType="Model", HubContentName=name
    )
    return content, json.loads(content["HubContentDocument"])


def test_every_published_model_has_recipes_whose_parameters_are_in_s3(aws, sagemaker):
    s3 = aws.client("s3")
    for published in models.PUBLISHED:
        content, document = model(sagemaker, published.id)
        assert content["HubContentArn"].endswith(f"{PUBLIC}/Model/{published.id}/1.0.0")
        assert document["GatedBucket"] is published.gated
        assert ("HostingEulaUri" in document) is published.gated
        for recipe in document["RecipeCollection"]:
            bucket, _, key = recipe["SmtjOverrideParamsS3Uri"][5:].partition("/")
            specs = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            assert ("lora_rank" in specs) is (recipe.get("Peft") == "LORA")
            for spec in specs.values():
                assert {"type", "required", "default"} <= set(spec)
                if "min" in spec:
                    assert spec["min"] <= spec["default"] <= spec["max"]
                if "enum" in spec:
                    assert spec["default"] in spec["enum"]


def test_recipes_differ_as_the_published_ones_do(aws, sagemaker):
    def offered(name):
        _, document = model(sagemaker, name)
        recipes = [r for r in document["RecipeCollection"] if r["Type"] == "FineTuning"]
        return {(r["CustomizationTechnique"], r.get("Peft", "FULL")) for r in recipes}

    techniques = ("SFT", "DPO", "RLAIF", "RLVR")
    both = {(t, p) for t in techniques for p in ("LORA", "FULL")}
    assert offered("huggingface-reasoning-qwen3-06b") == both
    assert offered("openai-reasoning-gpt-oss-120b") == {(t, "LORA") for t in techniques}
    assert offered("huggingface-llm-qwen2-5-72b-instruct") == {
        *((t, "LORA") for t in techniques),
        ("SFT", "FULL"),
    }
    assert {t for t, _ in offered("huggingface-vlm-qwen3-5-4b")} == {"SFT", "RLAIF", "RLVR"}


def test_models_are_listed_and_found_by_name(sagemaker):
    first = sagemaker.list_hub_contents(HubName=PUBLIC, HubContentType="Model", MaxResults=5)
    rest = sagemaker.list_hub_contents(
        HubName=PUBLIC, HubContentType="Model", NextToken=first["NextToken"]
    )
    names = [row["HubContentName"] for page in (first, rest) for row in page["HubContentSummaries"]]
    assert sorted(names) == sorted(published.id for published in models.PUBLISHED)
    found = sagemaker.list_hub_contents(
        HubName=PUBLIC, HubContentType="Model", NameContains="llama-3-2"
    )["HubContentSummaries"]
    assert [row["HubContentName"] for row in found] == ["meta-textgeneration-llama-3-2-1b-instruct"]
    assert "@recipe:finetuning_sft_lora" in found[0]["HubContentSearchKeywords"]


def test_a_model_that_is_not_there_is_not_found(sagemaker):
    with pytest.raises(sagemaker.exceptions.ResourceNotFound, match="no-such-model"):
        model(sagemaker, "no-such-model")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound, match="NoHub"):
        model(sagemaker, "huggingface-reasoning-qwen3-06b", hub="NoHub")


def test_a_private_hub_holds_versions_of_what_is_imported(aws, sagemaker):
    hub = sagemaker.create_hub(HubName="registry", HubDescription="d")["HubArn"]
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_hub(HubName="registry", HubDescription="d")
    assert sagemaker.describe_hub(HubName="registry")["HubArn"] == hub
    request = {
        "HubName": "registry",
        "HubContentType": "JsonDoc",
        "HubContentName": "reward",
        "DocumentSchemaVersion": "2.0.0",
        "HubContentDocument": DOCUMENT,
    }
    aws.hubs.importing = 1
    arn = sagemaker.import_hub_content(**request, HubContentVersion="1.0.0")["HubContentArn"]
    about = {key: request[key] for key in ("HubName", "HubContentType", "HubContentName")}
    states = [sagemaker.describe_hub_content(**about)["HubContentStatus"] for _ in range(2)]
    assert states == ["Importing", "Available"]
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.import_hub_content(**request, HubContentVersion="1.0.0")
    newer = sagemaker.import_hub_content(**request)["HubContentArn"]
    assert (arn[-5:], newer[-5:]) == ("1.0.0", "1.0.1")
    versions = sagemaker.list_hub_content_versions(**about)["HubContentSummaries"]
    assert {row["HubContentVersion"] for row in versions} == {"1.0.0", "1.0.1"}
    for version in ("1.0.0", "1.0.1"):
        sagemaker.delete_hub_content(**about, HubContentVersion=version)
    sagemaker.delete_hub(HubName="registry")
    assert [row["HubName"] for row in sagemaker.list_hubs()["HubSummaries"]] == [PUBLIC]


def test_an_evaluator_can_be_put_there(aws, sagemaker):
    arn = aws.hubs.register("reward", "arn:aws:lambda:us-east-1:123456789012:function:reward")
    hub, kind, name, version = arn.split("/")[1:]
    content = sagemaker.describe_hub_content(
        HubName=hub, HubContentType=kind, HubContentName=name, HubContentVersion=version
    )
    document = json.loads(content["HubContentDocument"])
    assert json.loads(document["JsonContent"])["Reference"].endswith("function:reward")


def test_the_account_may_be_in_another_region(aws):
    aws.clear("us-west-2")
    content, _ = model(aws.client("sagemaker"), "huggingface-reasoning-qwen3-06b")
    assert content["HubContentArn"].startswith("arn:aws:sagemaker:us-west-2:aws:hub-content/")
    assert aws.environment["AWS_REGION"] == "us-west-2"
    assert aws.log.calls()[0].region == "us-west-2"


def test_the_public_hub_is_read_only(sagemaker):
    with pytest.raises(ClientError, match="read-only"):
        sagemaker.import_hub_content(
            HubName=PUBLIC,
            HubContentType="Model",
            HubContentName="mine",
            DocumentSchemaVersion="2.0.0",
            HubContentDocument="{}",
        )


def test_a_test_can_publish_a_model(aws, sagemaker):
    arn = aws.hubs.publish("my-model", {"RecipeCollection": []})
    content, document = model(sagemaker, "my-model")
    assert (content["HubContentArn"], document) == (arn, {"RecipeCollection": []})
