"""Any model as the base of an endpoint: the requests in full, once, and kept as they are."""

from __future__ import annotations

import pytest

from mlcc_core.errors import MlccError, PlatformError
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, QWEN
from tests.plugins.mlcc_sagemaker.serving.own.conftest import FILES, IN_S3, INSTANCE, TINY
from tests.servers.wire import Fault

SERVED = {
    "TENSOR_PARALLEL_DEGREE": "max",
    "OPTION_DTYPE": "auto",
    "OPTION_ENABLE_LORA": "true",
    "OPTION_MAX_LORA_RANK": "128",
}
TAGS = [{"Key": "mlcc:project", "Value": "demo"}]
CREATING = ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateInferenceComponent")


def image(region="us-east-1"):
    image_uris = pytest.importorskip("sagemaker.core.image_uris")
    return image_uris.retrieve("djl-lmi", region=region, version="latest", image_scope="inference")


def test_a_model_of_the_hub_is_downloaded_by_the_container(account, on_hub, project, platform):
    context = project()
    [line] = platform.serving.deploy(context, None)
    assert line == f"✅ {TINY} is in service on demo-endpoint ({INSTANCE})."
    model, config, endpoint, base = (account.log.only(name).params for name in CREATING)
    commit = on_hub.tiny.refs["main"]
    assert model == {
        "ModelName": model["ModelName"],
        "PrimaryContainer": {
            "Image": image(),
            "Environment": {"HF_MODEL_ID": TINY, "HF_REVISION": commit, **SERVED},
        },
        "ExecutionRoleArn": account.role,
        "Tags": TAGS,
    }
    assert config == {
        "EndpointConfigName": "demo-endpoint-config",
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "InstanceType": INSTANCE,
                "InitialInstanceCount": 1,
                "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
            }
        ],
        "ExecutionRoleArn": account.role,
        "Tags": TAGS,
    }
    assert endpoint == {
        "EndpointName": "demo-endpoint",
        "EndpointConfigName": "demo-endpoint-config",
        "Tags": TAGS,
    }
    assert base == {
        "InferenceComponentName": "demo-endpoint-base",
        "EndpointName": "demo-endpoint",
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": model["ModelName"],
            "ComputeResourceRequirements": {
                "NumberOfCpuCoresRequired": 1,
                "MinMemoryRequiredInMb": 1024,
                "NumberOfAcceleratorDevicesRequired": 1,
            },
            "StartupParameters": {
                "ModelDataDownloadTimeoutInSeconds": 1800,
                "ContainerStartupHealthCheckTimeoutInSeconds": 1800,
            },
        },
        "RuntimeConfig": {"CopyCount": 1},
        "Tags": TAGS,
    }


def test_a_model_in_s3_is_mounted(account, project, platform):
    platform.serving.deploy(project(IN_S3), None)
    container = account.log.only("CreateModel").params["PrimaryContainer"]
    assert container == {
        "Image": image(),
        "Environment": {"HF_MODEL_ID": "/opt/ml/model", **SERVED},
        "ModelDataSource": {
            "S3DataSource": {
                "S3Uri": f"{IN_S3}/",
                "S3DataType": "S3Prefix",
                "CompressionType": "None",
            }
        },
    }


def test_it_is_shown_before_and_nothing_is_created(account, project, platform):
    for model in (TINY, IN_S3):
        lines = platform.serving.deploy_notice(project(model), None)
        assert lines[:2] == (
            f"📋 Endpoint demo-endpoint: 1 × {INSTANCE}, by the hour",
            f"   model: {model} (base model)",
        )
    assert account.log.writing() == []


@pytest.mark.parametrize("model", [TINY, IN_S3])
def test_a_base_that_stands_stays_as_it_is(account, on_hub, project, platform, model):
    platform.serving.deploy(project(model), None)
    account.log.clear()
    on_hub.tiny.commit({**FILES, "README.md": b"moved on"})
    on_hub.forget()
    assert len(platform.serving.deploy(project(model, instance=""), None)) == 1
    assert account.log.writing() == []
    assert on_hub.requests() == []


def test_flags_change_what_stands_in_place(account, project, platform):
    platform.serving.deploy(project(), None)
    before = account.log.only("CreateModel").params["PrimaryContainer"]["Environment"]
    account.log.clear()
    context = project(max_lora_rank=200, max_model_len=4096, dtype="bf16")
    platform.serving.deploy(context, None)
    after = account.log.only("CreateModel").params["PrimaryContainer"]["Environment"]
    assert after == {
        **before,
        "OPTION_MAX_LORA_RANK": "256",
        "OPTION_MAX_MODEL_LEN": "4096",
        "OPTION_DTYPE": "bf16",
    }
    update = account.log.only("UpdateInferenceComponent").params
    assert update["InferenceComponentName"] == "demo-endpoint-base"
    account.log.clear()
    platform.serving.deploy(project(), None)  # keeps what was chosen
    assert account.log.writing() == []


def test_the_instance_of_the_flag_is_remembered_and_kept(account, project, platform):
    context = project(instance="", instance_type="ml.g6.12xlarge", gpus=2)
    platform.serving.deploy(context, None)
    assert context.saved["INSTANCE_TYPE"] == "ml.g6.12xlarge"
    base = account.log.only("CreateInferenceComponent").params["Specification"]
    assert base["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] == 2
    with pytest.raises(MlccError, match=r"runs on ml\.g6\.12xlarge, and keeps that") as caught:
        platform.serving.deploy_notice(project(instance_type="ml.g5.2xlarge"), None)
    assert caught.value.where == "--instance-type"
    with pytest.raises(MlccError, match="may make network calls, and keeps that"):
        platform.serving.deploy_notice(project(IN_S3, network_isolation=True), None)


def test_containers_without_a_network(account, project, platform):
    with pytest.raises(MlccError, match="keeps the container from the Hub") as caught:
        platform.serving.deploy_notice(project(network_isolation=True), None)
    assert caught.value.hint == (
        f"hf download {TINY} --local-dir tiny && aws s3 cp --recursive tiny "
        f"s3://{BUCKET}/models/tiny/   # then set MODEL_ID=s3://{BUCKET}/models/tiny/ in do/config"
    )
    platform.serving.deploy(project(IN_S3, network_isolation=True), None)
    assert account.log.only("CreateEndpointConfig").params["EnableNetworkIsolation"] is True


@pytest.mark.parametrize("model", [TINY, IN_S3])
@pytest.mark.parametrize("operation", CREATING)
def test_a_lost_answer_creates_nothing_twice(account, project, platform, model, operation):
    account.inject(f"sagemaker:{operation}", "lost")
    platform.serving.deploy(project(model), None)
    for name in CREATING:
        assert len([call for call in account.log.calls(name) if not call.error]) == 1
    base = platform.answering.deployed_base(project(model), model)
    assert base.model == model


@pytest.mark.parametrize("operation", CREATING)
def test_deploying_goes_on_where_it_was_cut_off(account, project, platform, operation):
    account.inject(f"sagemaker:{operation}", "denied")
    with pytest.raises(PlatformError, match="access denied"):
        platform.serving.deploy(project(), None)
    platform.serving.deploy(project(), None)
    assert [*account.serving.endpoints] == ["demo-endpoint"]
    for name in CREATING:
        assert len([call for call in account.log.calls(name) if not call.error]) == 1


def test_a_base_that_fails_leaves_an_endpoint_that_costs(account, project, platform):
    account.changes.failures["demo-endpoint-base"] = "out of memory"
    context = project()
    with pytest.raises(PlatformError, match="demo-endpoint-base is Failed: out of memory"):
        platform.serving.deploy(context, None)
    assert context.said[-1].startswith("⚠️  The endpoint demo-endpoint stands: it costs money")


def test_another_model_in_its_place_is_told(account, project, platform):
    context = project()
    platform.serving.deploy(context, None)
    platform.serving.deploy(context, f"s3://{BUCKET}/out/model")
    container = account.log.calls("CreateModel")[-1].params["PrimaryContainer"]
    assert container["Environment"] == {"HF_MODEL_ID": "/opt/ml/model", **SERVED}
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"].startswith("s3://")
    with pytest.raises(MlccError, match=f"in place of '{TINY}'"):
        platform.answering.base_subject(context, TINY)
    lines = platform.serving.deploy(context, None)
    assert lines[1] == f"   It replaced {TINY}; to go back: mlcc undeploy, then: mlcc deploy"


def test_a_catalog_model_that_the_hub_of_the_region_lacks(account, on_hub, project, platform):
    from mlcc_core.catalog.lookup import load_catalog

    catalog = load_catalog()
    repository = catalog.find(QWEN).hub_id
    on_hub.add(repository, FILES, kind="model")
    names = {
        "catalog_id": lambda name: found.id if (found := catalog.find(name)) else name,
        "hub_id": lambda name: found.hub_id if (found := catalog.find(name)) else None,
    }
    context = project(QWEN, settings={"SAGEMAKER_HUB_NAME": "an-empty-hub"})
    for name, look_up in names.items():
        object.__setattr__(context, name, look_up)
    platform.serving.deploy(context, None)
    container = account.log.only("CreateModel").params["PrimaryContainer"]
    assert container["Environment"]["HF_MODEL_ID"] == repository
    assert platform.answering.base_subject(context, repository).model == repository


def test_a_hub_that_does_not_answer(account, on_hub, project, platform):
    on_hub.plan(Fault(path="api/models", method="GET", status=503, times=20))
    with pytest.raises(PlatformError, match=f"Cannot look up {TINY} on the Hub"):
        platform.serving.deploy_notice(project(), None)
    assert account.log.writing() == []


def test_everything_is_taken_down_again(account, project, platform):
    context = project()
    platform.serving.deploy(context, None)
    [thing] = platform.serving.standing(context)
    assert (thing.name, thing.holds) == ("demo-endpoint", ("demo-endpoint-base",))
    platform.serving.undeploy(context)
    assert account.serving.endpoints == {}
    assert platform.serving.standing(context) == []


def test_its_hours_are_priced(account, project, platform):
    attributes = {"regionCode": "us-east-1", "instanceName": INSTANCE, "component": "Hosting"}
    account.prices.publish("AmazonSageMaker", attributes, "1.515")
    [charge] = platform.pricing.of_deployment(project(), None)
    assert (charge.what, charge.price) == (f"endpoint {INSTANCE}", 1.515)
    [unknown] = platform.pricing.of_deployment(project(instance=""), None)
    assert unknown.price is None
    assert "No instance is named" in unknown.note
