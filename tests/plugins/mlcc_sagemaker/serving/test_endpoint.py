"""Endpoint and base model: created once, explained, asked, taken down."""

from __future__ import annotations

import json

import pytest

from mlcc_core.contract.platform.answering import Prompt
from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.answering.answers import read_answer
from tests.aws_account.hub import models
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL
from tests.plugins.mlcc_sagemaker.conftest import LLAMA, QWEN, make_context


def test_a_base_model_is_deployed_for_adapters(account, context, platform):
    account.changes.looks = 2
    [line] = platform.serving.deploy(context, None)
    assert line == f"✅ {QWEN} is in service on demo-endpoint (ml.g5.2xlarge)."
    config = account.log.only("CreateEndpointConfig").params
    assert "ModelName" not in config["ProductionVariants"][0]
    assert config["ExecutionRoleArn"] == account.role
    container = account.log.only("CreateModel").params["PrimaryContainer"]
    assert container["Image"] == models.IMAGE
    assert container["Environment"]["OPTION_ENABLE_LORA"] == "true"
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"].endswith("/inference/v1.0.0/")
    base = account.log.only("CreateInferenceComponent").params
    assert base["InferenceComponentName"] == "demo-endpoint-base"
    assert base["Specification"]["ComputeResourceRequirements"] == {
        "NumberOfCpuCoresRequired": 2,
        "MinMemoryRequiredInMb": 1024,
        "NumberOfAcceleratorDevicesRequired": 1,
    }
    assert "⏳ the endpoint demo-endpoint: Creating" in context.said
    assert "⏳ the endpoint demo-endpoint: InService" in context.said


def test_what_would_be_created_is_shown_and_not_created(account, context, platform):
    lines = platform.serving.deploy_notice(context, None)
    assert lines[0] == "📋 Endpoint demo-endpoint: 1 × ml.g5.2xlarge, by the hour"
    assert lines[1] == f"   model: {QWEN} (base model)"
    assert account.log.writing() == []


def test_a_replacement_is_shown_and_looked_at_before_anybody_is_asked(served, context, platform):
    lines = platform.serving.deploy_notice(context, MODEL)
    assert lines[1] == f"   model: {MODEL} (replaces the base model)"
    for wrong in (ADAPTER, f"{MODEL}/none", "./here"):
        with pytest.raises(MlccError) as caught:
            platform.serving.deploy_notice(context, wrong)
        assert caught.value.where == "--model-data"
    assert served.log.writing() == []


def test_deploying_again_creates_nothing(served, context, platform):
    platform.serving.deploy(context, None)
    assert served.log.writing() == []


def test_deploying_goes_on_where_it_was_cut_off(account, context, platform):
    for operation in ("CreateModel", "CreateEndpoint", "CreateInferenceComponent"):
        account.inject(f"sagemaker:{operation}", "denied")
    for _ in range(3):
        with pytest.raises(PlatformError, match="access denied"):
            platform.serving.deploy(context, None)
    platform.serving.deploy(context, None)
    for operation in ("CreateModel", "CreateEndpointConfig"):
        made = [call for call in account.log.calls(operation) if not call.error]
        assert len(made) == 1


@pytest.mark.parametrize(
    "operation",
    ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateInferenceComponent"],
)
def test_a_lost_answer_creates_nothing_twice(account, context, platform, operation):
    account.inject(f"sagemaker:{operation}", "lost")
    platform.serving.deploy(context, None)
    base = platform.answering.deployed_base(context, QWEN)
    assert answer_of(platform, context, base) == "demo-endpoint-base says: 2 + 2 ="


def test_another_instance(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"INSTANCE_TYPE": "ml.g5.12xlarge"})
    assert "ml.g5.12xlarge" in platform.serving.deploy_notice(context, None)[0]
    context = make_context(tmp_path, account, {"INSTANCE_TYPE": "ml.t2.medium"})
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy_notice(context, None)
    assert caught.value.detail == ("It can on: ml.g5.12xlarge, ml.g5.2xlarge",)


def test_the_sdk_knows_an_image_where_the_hub_names_none(account, platform, tmp_path):
    pytest.importorskip("sagemaker.core")
    document = models.Model("plain-model").document()
    del document["HostingConfigs"][0]["EcrAddress"]
    account.hubs.publish("plain-model", {**document, "RecipeCollection": []})
    context = make_context(tmp_path, account, {"MODEL_ID": "plain-model"})
    assert "/djl-inference:" in platform.serving.deploy_notice(context, None)[2]


def test_a_model_that_cannot_be_served(account, platform, tmp_path):
    account.hubs.publish("no-hosting", {"RecipeCollection": []})
    context = make_context(tmp_path, account, {"MODEL_ID": "no-hosting"})
    with pytest.raises(MlccError, match="cannot be deployed: the hub has no hosting"):
        platform.serving.deploy_notice(context, None)
    with pytest.raises(MlccError, match="names no model to deploy"):
        platform.serving.deploy_notice(make_context(tmp_path, account, {"MODEL_ID": ""}), None)


def test_a_licence_before_serving(account, platform, tmp_path):
    context = make_context(tmp_path, account, {"MODEL_ID": LLAMA})
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy(context, None)
    assert caught.value.hint == "mlcc deploy --accept-eula   # once you have read it"
    assert account.log.writing() == []
    context = make_context(tmp_path, account, {"MODEL_ID": LLAMA, "ACCEPT_EULA": "true"})
    platform.serving.deploy(context, None)
    source = account.log.only("CreateModel").params["PrimaryContainer"]["ModelDataSource"]
    assert source["S3DataSource"]["ModelAccessConfig"] == {"AcceptEula": True}


def test_an_endpoint_that_fails(account, context, platform):
    account.changes.failures["demo-endpoint"] = "no capacity"
    with pytest.raises(PlatformError) as caught:
        platform.serving.deploy(context, None)
    assert caught.value.what == "The endpoint demo-endpoint is Failed: no capacity"
    assert "/aws/sagemaker/Endpoints/demo-endpoint".replace("/", "$252F") in caught.value.detail[0]
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy(context, None)
    assert caught.value.hint.startswith("mlcc undeploy")
    platform.serving.undeploy(context)
    del account.changes.failures["demo-endpoint"]
    platform.serving.deploy(context, None)


def test_a_base_model_that_fails_leaves_an_endpoint_that_costs(account, context, platform):
    account.changes.failures["demo-endpoint-base"] = "out of memory"
    with pytest.raises(PlatformError, match="demo-endpoint-base is Failed: out of memory"):
        platform.serving.deploy(context, None)
    assert context.said[-1] == (
        "⚠️  The endpoint demo-endpoint stands: it costs money by the hour until you run: "
        "mlcc undeploy"
    )


def test_a_quota_that_is_exhausted(account, context, platform, monkeypatch):
    from tests.aws_account.door.answers import ServiceError

    def full(params):
        raise ServiceError("ResourceLimitExceeded", "The account-level service limit is 0")

    monkeypatch.setattr(account.serving, "create_endpoint", full)
    with pytest.raises(PlatformError) as caught:
        platform.serving.deploy(context, None)
    assert "a quota of the account is exhausted" in caught.value.what
    assert caught.value.detail == ("The account-level service limit is 0",)


def test_nothing_goes_without_a_base_model(account, context, platform):
    for step in (
        lambda: platform.serving.add_adapter(context, "tuned", ADAPTER),
        lambda: platform.serving.add_component(context, "tuned", MODEL),
        lambda: platform.answering.deployed_base(context, QWEN),
    ):
        with pytest.raises(MlccError) as caught:
            step()
        assert caught.value.hint == "./do/deploy"


def test_the_base_model_is_replaced(served, context, platform):
    platform.serving.deploy(context, MODEL)
    update = served.log.only("UpdateInferenceComponent").params
    model = update["Specification"]["ModelName"]
    made = served.log.only("CreateModel").params
    assert made["ModelName"] == model
    source = made["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]
    assert source["S3Uri"] == f"{MODEL}/checkpoints/hf_merged/"
    served.log.clear()
    platform.serving.deploy(context, MODEL)
    assert served.log.writing() == []
    now, back = platform.serving.deploy(context, None)
    where = "is in service on demo-endpoint (ml.g5.2xlarge)"
    assert now == f"✅ the model at {MODEL}/checkpoints/hf_merged/ {where}."
    assert back == f"   It replaced {QWEN}; to go back: mlcc undeploy, then: mlcc deploy"
    assert served.log.writing() == []


def test_the_base_model_is_not_removed_alone(served, context, platform):
    with pytest.raises(MlccError) as caught:
        platform.serving.remove_adapter(context, "demo-endpoint-base")
    assert caught.value.hint == "mlcc undeploy"


def test_undeploying_takes_everything_down_in_order(served, context, platform):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    platform.serving.add_component(context, "whole", MODEL)
    lines = platform.serving.undeploy(context)
    assert lines == [
        "✅ Removed tuned.",
        "✅ Removed whole.",
        "✅ Removed demo-endpoint-base.",
        "✅ Removed the endpoint demo-endpoint; it costs nothing any more.",
    ]
    client = served.client("sagemaker")
    assert client.list_models()["Models"] == []
    assert client.list_endpoint_configs()["EndpointConfigs"] == []
    assert platform.serving.undeploy(context) == ["ℹ️  Nothing is deployed as demo-endpoint."]


def answer_of(platform, context, subject):
    prompt = Prompt(({"role": "user", "content": "2 + 2 ="},))
    with platform.answering.open_chat(context, [subject]) as chat:
        *pieces, _ = chat.reply(subject, prompt)
    return "".join(piece.text for piece in pieces)


def test_adapters_answer_differently(served, context, platform):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    tuned = platform.answering.find_subject(context, "tuned")
    base = platform.answering.deployed_base(context, QWEN)
    assert answer_of(platform, context, tuned) == "tuned says: 2 + 2 ="
    assert answer_of(platform, context, base) == "demo-endpoint-base says: 2 + 2 ="


def test_a_model_in_the_place_of_the_base_answers_as_the_base(served, context, platform):
    platform.serving.deploy(context, MODEL)
    base = platform.answering.deployed_base(context, QWEN)
    assert answer_of(platform, context, base) == "demo-endpoint-base says: 2 + 2 ="


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [{"message": {"content": "four"}}]},
        {"choices": [{"text": "four"}]},
        {"generated_text": "four"},
        [{"generated_text": "four"}],
    ],
)
def test_the_forms_of_a_reply(document):
    assert read_answer(json.dumps(document).encode()).text == "four"
