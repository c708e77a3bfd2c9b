"""Models of an endpoint by name, run or base; fingerprints that names do not fool."""

from __future__ import annotations

import pytest

from mlcc_core import MlccError, Output, PlatformError
from mlcc_sagemaker.parts.answering import EndpointAnswering
from tests.aws_account.training import outputs
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER, MODEL, put
from tests.plugins.mlcc_sagemaker.conftest import BUCKET, LLAMA, QWEN, make_context

JOB = "demo-sft-12345678-1"


@pytest.fixture
def answering():
    return EndpointAnswering()


def test_what_is_deployed_is_found_by_name(served, context, platform, answering):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    platform.serving.add_component(context, "whole", MODEL)
    found = [answering.find_subject(context, name) for name in ("tuned", "whole")]
    assert [(s.title, s.model, s.deployed) for s in found] == [
        ("tuned", QWEN, "tuned"),
        ("whole", QWEN, "whole"),
    ]
    assert [s.output.kind for s in found] == ["adapter", "model"]
    assert answering.find_subject(context, "other") is None
    assert answering.find_subject(context, "./folder") is None
    assert platform.answering.find_subject(context, "tuned") == found[0]


def test_the_base_is_its_component(served, context, answering):
    base = answering.base_subject(context, QWEN)
    assert (base.title, base.model, base.output, base.deployed) == ("base", QWEN, None, None)
    assert answering.find_subject(context, QWEN) == base
    assert answering.find_subject(context, "demo-endpoint-base") == base
    with pytest.raises(MlccError) as caught:
        answering.base_subject(context, LLAMA)
    assert f"serves {QWEN}" in caught.value.what
    assert f"MODEL_ID={LLAMA}" in caught.value.hint


def test_a_model_in_the_place_of_the_base_is_not_the_base(served, context, platform, answering):
    before = answering.base_subject(context, QWEN)
    platform.serving.deploy(context, MODEL)
    with pytest.raises(MlccError, match="in place of") as caught:
        answering.base_subject(context, QWEN)
    assert caught.value.hint == "mlcc undeploy, then: mlcc deploy"
    run = answering.run_subject(context, JOB, QWEN, Output("model", MODEL))
    assert (run.title, run.deployed) == (JOB, "demo-endpoint-base")
    assert run.fingerprint != before.fingerprint


def test_nothing_is_deployed(account, context, answering):
    with pytest.raises(MlccError) as caught:
        answering.base_subject(context, QWEN)
    assert caught.value.hint == "./do/deploy"
    assert answering.find_subject(context, "tuned") is None


def test_weights_that_are_not_deployed(served, context, answering):
    with pytest.raises(MlccError) as caught:
        answering.find_subject(context, ADAPTER)
    assert caught.value.hint == f"./do/adapter add NAME --weights {ADAPTER}"


@pytest.mark.parametrize("kind", ["adapter", "model"])
def test_a_run_is_the_component_made_of_its_output(served, context, platform, answering, kind):
    output = Output(kind, ADAPTER if kind == "adapter" else MODEL)
    command = "adapter add" if kind == "adapter" else "add-ic"
    put(served, "out/another/", outputs.adapter(QWEN, rank=16, under="checkpoints/hf/"))
    platform.serving.add_adapter(context, "another", f"s3://{BUCKET}/out/another")
    alone = answering.run_subject(context, JOB, QWEN, output)
    assert (alone.title, alone.deployed, alone.output) == (JOB, None, output)
    for session in (answering.open, answering.open_chat):
        with pytest.raises(MlccError) as caught, session(context, [alone]):
            pass
        assert caught.value.what == (
            f"The output of the run {JOB} is not deployed on the endpoint demo-endpoint."
        )
        assert caught.value.hint == f"./do/{command} NAME --from-tune {JOB}"
    add = platform.serving.add_adapter if kind == "adapter" else platform.serving.add_component
    add(context, "tuned", output.path)
    found = answering.run_subject(context, JOB, QWEN, output)
    assert (found.title, found.deployed, found.output) == (JOB, "tuned", output)
    assert found.fingerprint != alone.fingerprint


def test_another_adapter_under_the_same_name(served, context, platform, answering):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    first = answering.find_subject(context, "tuned")
    assert answering.find_subject(context, "tuned") == first
    put(served, "out/other/", outputs.adapter(QWEN, rank=16, under="checkpoints/hf/"))
    platform.serving.remove_adapter(context, "tuned")
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/other")
    second = answering.find_subject(context, "tuned")
    assert second.fingerprint != first.fingerprint


def test_an_archive_that_was_replaced(served, context, platform, answering):
    from tests.plugins.mlcc_sagemaker.artifacts import archive

    put(served, "out/", {"adapter.tar.gz": archive(outputs.adapter(QWEN, under=""))})
    platform.serving.add_adapter(context, "tuned", f"s3://{BUCKET}/out/adapter.tar.gz")
    first = answering.find_subject(context, "tuned")
    put(served, "out/", {"adapter.tar.gz": archive(outputs.adapter(QWEN, rank=16, under=""))})
    assert answering.find_subject(context, "tuned").fingerprint != first.fingerprint
    served.inject("s3:HeadObject", "denied", times=None)
    assert answering.find_subject(context, "tuned").deployed == "tuned"


def test_another_base_below_the_same_adapter(served, context, platform, answering):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    first = answering.find_subject(context, "tuned")
    platform.serving.deploy(context, MODEL)
    assert answering.find_subject(context, "tuned").fingerprint != first.fingerprint


def test_a_component_that_is_on_its_way(served, context, platform, answering):
    platform.serving.add_adapter(context, "tuned", ADAPTER)
    subject = answering.find_subject(context, "tuned")
    served.changes.held.add("tuned")
    client = served.client("sagemaker")
    client.delete_inference_component(InferenceComponentName="tuned")
    with (
        pytest.raises(MlccError, match="'tuned' is Deleting, expected InService"),
        answering.open(context, [subject]),
    ):
        pass


def test_a_component_of_another_project(served, context, platform, answering, tmp_path):
    other = make_context(tmp_path, served, project="other")
    platform.serving.deploy(other, None)
    platform.serving.add_adapter(other, "theirs", ADAPTER)
    assert answering.find_subject(context, "theirs") is None


def test_a_permission_that_is_missing(served, context, answering):
    served.inject("ListInferenceComponents", "denied", times=None)
    with pytest.raises(PlatformError, match="sagemaker:ListInferenceComponents") as caught:
        answering.find_subject(context, "tuned")
    assert caught.value.hint == "mlcc bootstrap"
