"""Models, endpoints, inference components and the runtime as boto3 sees them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from botocore.exceptions import ClientError

from tests.aws_account.door.answers import ServiceError

pytestmark = pytest.mark.slow

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/djl-inference:0.36.0-lmi18.0.0-cu128"
ADAPTER = "s3://data/adapter/adapter.tar.gz"


@pytest.fixture
def sagemaker(aws):
    aws.bucket("data", {"adapter/adapter.tar.gz": b"tar"})
    return aws.client("sagemaker")


@pytest.fixture
def endpoint(aws, sagemaker):
    """An endpoint for inference components, in service."""
    sagemaker.create_model(
        ModelName="base",
        ExecutionRoleArn=aws.role,
        PrimaryContainer={"Image": IMAGE, "Environment": {"OPTION_ENABLE_LORA": "true"}},
    )
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.g5.2xlarge",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="config", ExecutionRoleArn=aws.role, ProductionVariants=[variant]
    )
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")
    wait(sagemaker, "endpoint")
    return "endpoint"


@pytest.fixture
def base(sagemaker, endpoint):
    sagemaker.create_inference_component(**base_request("base-ic"))
    wait(sagemaker, "base-ic", "inference_component")
    return "base-ic"


def base_request(name, **changes):
    requirements = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
    return {
        "InferenceComponentName": name,
        "EndpointName": "endpoint",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "base", "ComputeResourceRequirements": requirements},
        "RuntimeConfig": {"CopyCount": 1},
        **changes,
    }


def adapter_request(name, base, **more):
    specification = {
        "BaseInferenceComponentName": base,
        "Container": {"ArtifactUrl": ADAPTER},
        **more,
    }
    return {
        "InferenceComponentName": name,
        "EndpointName": "endpoint",
        "Specification": specification,
    }


def states(sagemaker, name, kind="endpoint", most=5):
    """Every status until it no longer changes, or the thing is gone."""
    noun = "".join(part.title() for part in kind.split("_"))
    seen = []
    for _ in range(most):
        try:
            described = getattr(sagemaker, f"describe_{kind}")(**{f"{noun}Name": name})
        except ClientError as error:
            return [*seen, "gone" if "Could not find" in str(error) else str(error)]
        seen.append(described[f"{noun}Status"])
        if seen[-1] in ("InService", "Failed"):
            return seen
    return seen


def wait(sagemaker, name, kind="endpoint"):
    assert states(sagemaker, name, kind)[-1] == "InService"


def refused(call, **params):
    with pytest.raises(ClientError) as raised:
        call(**params)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    return raised.value.response["Error"]["Message"]


def ask(aws, prompt="hi", **target):
    answer = aws.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="endpoint",
        ContentType="application/json",
        Body=json.dumps({"inputs": prompt}),
        **target,
    )
    return json.loads(answer["Body"].read())["generated_text"]


def test_models_come_and_go(aws, sagemaker):
    request = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": aws.role}
    arn = sagemaker.create_model(**request)["ModelArn"]
    assert "already existing" in refused(sagemaker.create_model, **request)
    described = sagemaker.describe_model(ModelName="m")
    assert (described["ModelArn"], described["PrimaryContainer"]) == (arn, {"Image": IMAGE})
    assert [row["ModelName"] for row in sagemaker.list_models()["Models"]] == ["m"]
    sagemaker.delete_model(ModelName="m")
    assert refused(sagemaker.describe_model, ModelName="m") == f'Could not find model "{arn}".'


def test_an_endpoint_takes_its_time(aws, sagemaker, endpoint):
    aws.changes.looks = 2
    sagemaker.create_endpoint(EndpointName="second", EndpointConfigName="config")
    assert refused(sagemaker.delete_endpoint, EndpointName="second")
    assert states(sagemaker, "second") == ["Creating", "Creating", "InService"]
    names = [row["EndpointName"] for row in sagemaker.list_endpoints()["Endpoints"]]
    assert names == ["second", "endpoint"]
    sagemaker.update_endpoint(EndpointName="second", EndpointConfigName="config")
    assert states(sagemaker, "second") == ["Updating", "Updating", "InService"]
    sagemaker.delete_endpoint(EndpointName="second")
    assert states(sagemaker, "second") == ["Deleting", "Deleting", "gone"]


def test_boto3s_waiter_sees_the_endpoint(aws, sagemaker, endpoint):
    sagemaker.delete_endpoint(EndpointName=endpoint)
    waiter = sagemaker.get_waiter("endpoint_deleted")
    waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 0, "MaxAttempts": 5})


def test_tags_go_with_their_endpoint(aws, sagemaker, endpoint):
    there = sagemaker.describe_endpoint(EndpointName=endpoint)
    arn, config = there["EndpointArn"], there["EndpointConfigName"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    sagemaker.delete_endpoint(EndpointName=endpoint)
    assert states(sagemaker, endpoint)[-1] == "gone"
    sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_an_endpoint_may_fail(aws, sagemaker, endpoint):
    aws.changes.failures["doomed"] = "insufficient capacity"
    sagemaker.create_endpoint(EndpointName="doomed", EndpointConfigName="config")
    assert states(sagemaker, "doomed") == ["Creating", "Failed"]
    described = sagemaker.describe_endpoint(EndpointName="doomed")
    assert described["FailureReason"] == "insufficient capacity"
    sagemaker.delete_endpoint(EndpointName="doomed")


def test_an_endpoint_may_take_for_ever(aws, sagemaker, endpoint):
    aws.changes.held.add("slow")
    sagemaker.create_endpoint(EndpointName="slow", EndpointConfigName="config")
    assert states(sagemaker, "slow") == ["Creating"] * 5
    aws.changes.held.clear()
    assert states(sagemaker, "slow") == ["Creating", "InService"]


def test_a_configuration_without_model_needs_a_role(sagemaker):
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    message = refused(
        sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant]
    )
    assert "ExecutionRoleArn" in message


def test_a_component_needs_an_endpoint_in_service(aws, sagemaker, endpoint):
    aws.changes.held.add("slow")
    sagemaker.create_endpoint(EndpointName="slow", EndpointConfigName="config")
    request = base_request("ic", EndpointName="slow")
    assert "must be InService" in refused(sagemaker.create_inference_component, **request)


def test_components_and_adapters_come_and_go_in_order(aws, sagemaker, base):
    create = sagemaker.create_inference_component
    create(**adapter_request("adapter", base))
    assert states(sagemaker, "adapter", "inference_component") == ["Creating", "InService"]
    assert "already existing" in refused(create, **adapter_request("adapter", base))
    described = sagemaker.describe_inference_component(InferenceComponentName="adapter")
    assert described["Specification"]["BaseInferenceComponentName"] == base
    assert described["Specification"]["Container"]["ArtifactUrl"] == ADAPTER
    rows = sagemaker.list_inference_components(EndpointNameEquals="endpoint", SortOrder="Ascending")
    names = [row["InferenceComponentName"] for row in rows["InferenceComponents"]]
    assert names == [base, "adapter"]
    delete = sagemaker.delete_inference_component
    assert "adapter" in refused(delete, InferenceComponentName=base)
    assert "inference components" in refused(sagemaker.delete_endpoint, EndpointName="endpoint")
    delete(InferenceComponentName="adapter")
    assert states(sagemaker, "adapter", "inference_component") == ["Deleting", "gone"]
    delete(InferenceComponentName=base)
    assert "inference components" in refused(sagemaker.delete_endpoint, EndpointName="endpoint")
    assert states(sagemaker, base, "inference_component") == ["Deleting", "gone"]
    sagemaker.delete_endpoint(EndpointName="endpoint")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}, "ComputeResource"),
        ({"ModelName": "base"}, "ModelName"),
        ({"Container": {"ArtifactUrl": "s3://data/nothing"}}, "Could not find artifact"),
        ({"Container": {}}, "ArtifactUrl is required"),
        ({"BaseInferenceComponentName": "nobody"}, "Could not find inference component"),
    ],
)
def test_an_adapter_is_a_base_and_an_artifact(sagemaker, base, more, words):
    request = adapter_request("adapter", base, **more)
    assert words in refused(sagemaker.create_inference_component, **request)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"VariantName": "Other"}, "VariantName"),
        ({"Specification": {"ModelName": "base"}}, "ComputeResourceRequirements"),
        ({"RuntimeConfig": None}, "RuntimeConfig"),
    ],
)
def test_a_base_component_says_what_it_needs(sagemaker, endpoint, changes, words):
    request = {k: v for k, v in base_request("ic", **changes).items() if v is not None}
    assert words in refused(sagemaker.create_inference_component, **request)


def test_a_component_may_fail_and_be_updated(aws, sagemaker, base):
    aws.changes.failures["adapter"] = "the adapter does not fit the base model"
    sagemaker.create_inference_component(**adapter_request("adapter", base))
    assert states(sagemaker, "adapter", "inference_component") == ["Creating", "Failed"]
    described = sagemaker.describe_inference_component(InferenceComponentName="adapter")
    assert described["FailureReason"] == "the adapter does not fit the base model"
    aws.changes.failures.clear()
    sagemaker.update_inference_component(
        InferenceComponentName="adapter",
        Specification=adapter_request("adapter", base)["Specification"],
    )
    assert states(sagemaker, "adapter", "inference_component") == ["Updating", "InService"]


def test_base_and_adapter_answer_differently(aws, sagemaker, base):
    sagemaker.create_inference_component(**adapter_request("adapter", base))
    wait(sagemaker, "adapter", "inference_component")
    said = ask(aws, InferenceComponentName=base), ask(aws, InferenceComponentName="adapter")
    assert said == ("base-ic says: hi", "adapter says: hi")
    assert aws.log.calls("InvokeEndpoint")[-1].params["InferenceComponentName"] == "adapter"


def test_the_runtime_wants_a_component_that_serves(aws, sagemaker, base):
    def failure(**target):
        with pytest.raises(ClientError) as raised:
            ask(aws, **target)
        return raised.value.response

    nameless = failure()
    assert nameless["Error"]["Code"] == "ValidationError"
    assert "Inference Component Name header is required" in nameless["Error"]["Message"]
    assert "not found" in failure(InferenceComponentName="nobody")["Error"]["Message"]
    aws.changes.held.add("adapter")
    sagemaker.create_inference_component(**adapter_request("adapter", base))
    assert "Creating" in failure(InferenceComponentName="adapter")["Error"]["Message"]


def test_a_test_may_speak_for_the_model(aws, base):
    aws.runtime.responder = lambda component, document: {"generated_text": document["inputs"] * 2}
    assert ask(aws, "ha", InferenceComponentName=base) == "haha"

    def broken(component, document):
        raise ServiceError("ModelError", "out of memory", 424, {"OriginalStatusCode": 500})

    aws.runtime.responder = broken
    with pytest.raises(ClientError, match="out of memory"):
        ask(aws, InferenceComponentName=base)


def test_messages_are_answered_as_a_chat(aws, base):
    answer = aws.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="endpoint",
        InferenceComponentName=base,
        ContentType="application/json",
        Body=json.dumps({"messages": [{"role": "user", "content": "hi"}]}),
    )
    message = json.loads(answer["Body"].read())["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "base-ic says: hi"}


def test_an_endpoint_that_is_not_there_is_not_found(aws):
    with pytest.raises(ClientError, match="not found"):
        ask(aws)


def test_invocations_at_the_same_time_are_counted(aws, base):
    together = Barrier(3, timeout=60)

    def answer(component, document):
        together.wait()
        return {"generated_text": "hi"}

    aws.runtime.responder = answer
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: ask(aws, InferenceComponentName=base), range(3)))
    assert aws.runtime.at_once == 3
