"""The table of accelerators, held to what EC2, the SDK and botocore know."""

from __future__ import annotations

import pytest

from mlcc_aws.shapes import members_of
from mlcc_sagemaker.instances.options.accelerators import GPUS, TYPE, accelerators, unfit

RETIRED = {"p3"}
"""Families that EC2's answer does not describe any more; the SDK does."""

TYPES = members_of("sagemaker", "TrainingInstanceType")


def test_the_table_agrees_with_the_sdk():
    info = pytest.importorskip("sagemaker.core.instance_types_gpu_info")
    listed = info.retrieve("us-east-1")
    ours = {kind: accelerators(kind) for kind in listed if unfit(kind) is None and kind in TYPES}
    assert len(ours) > 15
    assert ours == {kind: listed[kind]["Count"] for kind in ours}


def test_the_table_agrees_with_ec2(aws):
    names = [
        f"{family}.{size}"
        for family, sizes in GPUS.items()
        if family not in RETIRED
        for size in sizes
    ]
    ec2 = aws.account.client("ec2")
    described = ec2.describe_instance_types(InstanceTypes=names)["InstanceTypes"]
    counts = {one["InstanceType"]: one["GpuInfo"]["Gpus"][0]["Count"] for one in described}
    assert counts == {name: accelerators(f"ml.{name}") for name in names}


def test_every_instance_that_the_service_takes_is_known():
    for kind in TYPES:
        family, found = TYPE.match(kind)["family"], accelerators(kind)
        if unfit(kind) is None:
            assert found is not None, kind
            assert (found > 0) == (family in GPUS), kind


def test_the_table_names_no_instance_that_there_is_not():
    named = {f"ml.{family}.{size}" for family, sizes in GPUS.items() for size in sizes}
    assert named <= set(TYPES)


@pytest.mark.parametrize("text", ["", "g5.xlarge", "ml.g5", "ml.G5.xlarge", "ml.g5.xlarge\n"])
def test_what_is_no_type_is_not_known(text):
    assert accelerators(text) is None
    assert unfit(text) is None
