"""The GPUs of instances that serve models, and the instances that hold a model's weights.

The numbers are those of EC2's DescribeInstanceTypes (``GpuInfo``), as moto 5.2 keeps a copy of its
answers, read on 2026-11-30. Other instances are looked up in the SageMaker SDK's own table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core import Context
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.sdk import quiet_sdk

MIB = 1 << 20
GB = 1e9

COMFORT = 0.7
"""The part of a GPU's memory that weights may take for :func:`fitting`.

vLLM uses 0.9 of the memory by default (``--gpu-memory-utilization``); the rest holds what it keeps
of conversations. By LMI's guide to instance types, 7 billion parameters of 16 bits go on 24 GB.
"""

MOST = 0.9
"""The part beyond which weights cannot be loaded at all."""

A10G = L4 = 22888
L40S = 45776
A100, A100_80, H100 = 40960, 81920, 81920
H200 = 144384

SIZES = ("2xlarge", "4xlarge", "8xlarge", "16xlarge")
SEVERAL = {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}


@dataclass(frozen=True, slots=True)
class Gpus:
    """The GPUs of an instance, all of a kind.

    Attributes:
        instance: its type, ``ml.g6e.12xlarge``.
        count: how many.
        each: MiB of memory of each.
    """

    instance: str
    count: int
    each: int

    @property
    def whole(self) -> int:
        """Return the bytes of all together."""
        return self.count * self.each * MIB

    def __str__(self) -> str:
        return f"{self.instance} ({self.count} × {self.each / 1024:.0f} GiB)"


def _family(family: str, each: int) -> list[Gpus]:
    sizes = {"xlarge": 1, **dict.fromkeys(SIZES, 1), **SEVERAL}
    return [Gpus(f"ml.{family}.{size}", count, each) for size, count in sizes.items()]


KNOWN = {
    gpus.instance: gpus
    for gpus in (
        *_family("g6", L4),
        *_family("g5", A10G),
        *_family("g6e", L40S),
        Gpus("ml.p5.4xlarge", 1, H100),
        Gpus("ml.p4d.24xlarge", 8, A100),
        Gpus("ml.p4de.24xlarge", 8, A100_80),
        Gpus("ml.p5.48xlarge", 8, H100),
        Gpus("ml.p5e.48xlarge", 8, H200),
        Gpus("ml.p5en.48xlarge", 8, H200),
    )
}

OFFERED = tuple(
    KNOWN[f"ml.{name}"]
    for name in (
        *("g6.2xlarge", "g5.2xlarge", "g6e.2xlarge", "g6.12xlarge", "g5.12xlarge", "g6e.12xlarge"),
        *("g6.48xlarge", "p4d.24xlarge", "g6e.48xlarge", "p5.48xlarge", "p5en.48xlarge"),
    )
)
"""Instances that are named to who has to choose one, the smallest first."""


def gpus_of(context: Context, instance: str) -> Gpus | None:
    """Return the GPUs of an instance; ``None`` for one that is in neither table."""
    if instance in KNOWN:
        return KNOWN[instance]
    with quiet_sdk(context):
        from sagemaker.core import instance_types_gpu_info

        listed: Mapping[str, int] = instance_types_gpu_info.retrieve(region_of(context)).get(
            instance, {}
        )
    count, memory = listed.get("Count"), listed.get("TotalGpuMemoryInMiB")
    return Gpus(instance, count, memory // count) if count and memory else None


def fitting(size: int, most: int = 3) -> Sequence[Gpus]:
    """Return instances that hold weights of a size in bytes with room to work, smallest first."""
    return [gpus for gpus in OFFERED if size <= COMFORT * gpus.whole][:most]


def gpus_needed(gpus: Gpus, size: int | None) -> int:
    """Return how many of an instance's GPUs weights take; the rest is left to other components.

    Args:
        gpus: of the instance.
        size: of the weights in bytes; ``None`` where it is not known: all of them.

    Example:
        >>> gpus_needed(Gpus("ml.g6.12xlarge", 4, 22888), 26_000_000_000)
        2
    """
    if size is None:
        return gpus.count
    count = 1  # doubled, since vLLM shares attention heads out evenly
    while count < gpus.count and size > COMFORT * count * gpus.each * MIB:
        count *= 2
    return min(count, gpus.count)
