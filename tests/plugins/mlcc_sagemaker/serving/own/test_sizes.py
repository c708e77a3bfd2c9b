"""The instance of a base model: named by the user, and large enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.errors import MlccError, PlatformError
from mlcc_sagemaker.instances.options import accelerators
from mlcc_sagemaker.serving.own.gpus import COMFORT, KNOWN, MIB, OFFERED, fitting, gpus_needed
from mlcc_sagemaker.serving.own.gpus import gpus_of as look_up
from tests.plugins.mlcc_sagemaker.serving.own.conftest import IN_S3, TINY, grown

GB = 10**9


def test_without_an_instance_those_that_fit_are_named(account, on_hub, project, platform):
    grown(on_hub, "org/large", 26 * GB)
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy_notice(project("org/large", instance=""), None)
    assert caught.value.what == (
        "No instance is named to serve org/large. Its weights are 26.0 GB. Instances that fit: "
        "ml.g6e.2xlarge (1 × 45 GiB), ml.g6.12xlarge (4 × 22 GiB), ml.g5.12xlarge (4 × 22 GiB)."
    )
    assert caught.value.where == "INSTANCE_TYPE"
    assert caught.value.hint == "mlcc deploy --instance-type ml.g6e.2xlarge"
    with pytest.raises(MlccError, match="No instance is named to serve s3://"):
        platform.serving.deploy(project(IN_S3, instance=""), None)
    assert account.log.writing() == []


def test_weights_that_no_gpu_there_holds(account, on_hub, project, platform):
    grown(on_hub, "org/large", 140 * GB)
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy_notice(project("org/large", instance="ml.g5.12xlarge"), None)
    assert "140.0 GB, more than 4 × 22 GiB of ml.g5.12xlarge hold" in caught.value.what
    assert caught.value.hint == "mlcc deploy --instance-type ml.p4d.24xlarge"
    with pytest.raises(MlccError, match="more than 1 × 80 GiB"):
        platform.serving.deploy_notice(
            project("org/large", instance="ml.p5.48xlarge", gpus=1), None
        )


def test_no_more_gpus_than_there_are(project, platform):
    with pytest.raises(MlccError) as caught:
        platform.serving.deploy_notice(project(gpus=2), None)
    assert caught.value.hint == "mlcc deploy --instance-type ml.g5.2xlarge --gpus 1"


def test_an_instance_in_neither_table(account, project, platform, monkeypatch):
    monkeypatch.delitem(accelerators.GPUS, "g7")
    with pytest.raises(
        MlccError, match=r"How many GPUs 'ml\.g7\.2xlarge' has is not known"
    ) as caught:
        platform.serving.deploy_notice(project(instance="ml.g7.2xlarge"), None)
    assert (caught.value.hint or "").startswith(
        "mlcc deploy --instance-type ml.g7.2xlarge --gpus 1"
    )
    with pytest.raises(MlccError, match="has no GPU"):
        platform.serving.deploy_notice(project(instance="ml.m5.2xlarge"), None)
    platform.serving.deploy(project(instance="ml.g7.2xlarge", gpus=1), None)
    base = account.log.only("CreateInferenceComponent").params["Specification"]
    assert base["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] == 1


def test_an_instance_that_sagemaker_does_not_have(account, project, platform):
    with pytest.raises(PlatformError) as caught:
        platform.serving.deploy(project(instance="ml.g9.2xlarge", gpus=1), None)
    assert caught.value.what == "SageMaker serves no models on 'ml.g9.2xlarge'."
    assert account.serving.endpoints == {}


def test_an_instance_whose_memory_is_not_known(account, project, platform):
    platform.serving.deploy(project(instance="ml.g7e.12xlarge"), None)
    base = account.log.only("CreateInferenceComponent").params["Specification"]
    assert base["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] == 2


def test_flags_of_endpoints_mean_nothing_elsewhere(project, platform):
    context = project(instance_type="ml.g5.2xlarge")
    with pytest.raises(MlccError, match="--instance-type is for endpoints"):
        platform.serving.deploy_to_notice(context, "bedrock", "tuned", f"{IN_S3}/")


def test_what_is_no_instance(account, project, platform):
    for context, where in (
        (project(instance="g5.2xlarge"), "INSTANCE_TYPE"),
        (project(instance="", instance_type="ml.g5.2xlarge; ls"), "--instance-type"),
    ):
        with pytest.raises(MlccError, match="is not an instance of SageMaker") as caught:
            platform.serving.deploy(context, None)
        assert caught.value.where == where
        assert caught.value.hint == "mlcc deploy --instance-type ml.g6.2xlarge"
    assert account.log.writing() == []


def test_the_sdk_knows_more_instances(project):
    pytest.importorskip("sagemaker.core")
    found = look_up(project(), "ml.g4dn.12xlarge")
    assert (found.count, found.each) == (4, 16384)
    assert look_up(project(), "ml.m5.large") is None


def test_numbers_agree_with_those_of_ec2(aws):
    names = [instance.removeprefix("ml.") for instance in KNOWN]
    ec2 = aws.account.client("ec2")
    described = ec2.describe_instance_types(InstanceTypes=names)["InstanceTypes"]
    assert len(described) == len(KNOWN)
    for one in described:
        [device] = one["GpuInfo"]["Gpus"]
        known = KNOWN[f"ml.{one['InstanceType']}"]
        assert (device["Count"], device["MemoryInfo"]["SizeInMiB"]) == (known.count, known.each)


@given(st.integers(1, 10**12))
def test_what_fits_does_so_with_room(size):
    found = fitting(size)
    assert all(size <= COMFORT * gpus.whole for gpus in found)
    assert [gpus for gpus in OFFERED if gpus in found] == list(found)
    for gpus in found:
        count = gpus_needed(gpus, size)
        assert 1 <= count <= gpus.count
        assert size <= COMFORT * count * gpus.each * MIB
        assert count == 1 or size > COMFORT * (count // 2) * gpus.each * MIB


@pytest.mark.parametrize("guard", [{"gated": "auto"}, {"private": True, "readers": ["reader"]}])
def test_a_model_that_takes_a_token(account, on_hub, project, platform, guard, monkeypatch):
    on_hub.add("org/guarded", {"model.safetensors": b"w"}, kind="model", **guard)
    if "private" in guard:
        with pytest.raises(MlccError, match="does not exist on the Hub, or is private"):
            platform.serving.deploy_notice(project("org/guarded"), None)
    on_hub.users["hf_reader"] = "reader"
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    with pytest.raises(MlccError, match="gated or private") as caught:
        platform.serving.deploy_notice(project("org/guarded"), None)
    assert (caught.value.hint or "").startswith("hf download org/guarded --local-dir guarded && ")
    assert account.log.writing() == []


def test_a_model_that_is_not_there(account, on_hub, project, platform):
    with pytest.raises(MlccError, match="does not exist on the Hub") as caught:
        platform.serving.deploy_notice(project("org/none"), None)
    assert caught.value.where == "MODEL_ID"
    on_hub.add("org/pickled", {"pytorch_model.bin": b"p"}, kind="model")
    with pytest.raises(MlccError, match="no weights in safetensors"):
        platform.serving.deploy_notice(project("org/pickled"), None)
    with pytest.raises(MlccError, match="holds no model") as caught:
        platform.serving.deploy_notice(project(f"{IN_S3}/none"), None)
    assert caught.value.where == "MODEL_ID"
    with pytest.raises(MlccError, match="is a folder on this machine") as caught:
        platform.serving.deploy_notice(project("./models/my model"), None)
    assert "aws s3 cp --recursive './models/my model' s3://" in caught.value.hint
    assert "/models/my-model/" in caught.value.hint


def test_a_revision_that_the_project_names(account, on_hub, project, platform):
    first = on_hub.tiny.refs["main"]
    platform.serving.deploy(project(f"{TINY}@{first}"), None)
    container = account.log.only("CreateModel").params["PrimaryContainer"]
    assert container["Environment"]["HF_MODEL_ID"] == TINY
    assert container["Environment"]["HF_REVISION"] == first
    assert platform.answering.base_subject(project(f"{TINY}@{first}"), TINY).model == TINY
