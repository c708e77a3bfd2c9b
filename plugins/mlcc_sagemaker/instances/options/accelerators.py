"""The accelerators of an instance, by its type: one process trains on each.

The numbers are those of EC2's DescribeInstanceTypes (``GpuInfo``), as moto 5.2 keeps a copy of its
answers, read on 2026-11-30, and those of P3 the SageMaker SDK's; tests hold them to both. A size
that is not in the table of its family is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TYPE = re.compile(r"ml\.(?P<family>[a-z][a-z0-9]*(?:-[a-z0-9]+)?)\.(?P<size>[a-z0-9]+)\Z")

_SINGLE = dict.fromkeys(("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"), 1)
_USUAL = {**_SINGLE, "12xlarge": 4, "24xlarge": 4, "48xlarge": 8}
_NEWER = {"2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "12xlarge": 2, "24xlarge": 4, "48xlarge": 8}

GPUS: Mapping[str, Mapping[str, int]] = {
    "g4dn": {**_SINGLE, "12xlarge": 4},
    "g5": _USUAL,
    "g6": _USUAL,
    "g6e": _USUAL,
    "g7": _NEWER,
    "g7e": _NEWER,
    "p3": {"2xlarge": 1, "8xlarge": 4, "16xlarge": 8},
    "p3dn": {"24xlarge": 8},
    "p4d": {"24xlarge": 8},
    "p4de": {"24xlarge": 8},
    "p5": {"4xlarge": 1, "48xlarge": 8},
    "p5e": {"48xlarge": 8},
    "p5en": {"48xlarge": 8},
    "p6-b200": {"48xlarge": 8},
    "p6-b300": {"48xlarge": 8},
}
"""NVIDIA GPUs of an instance, by family and size."""

CPU_FAMILY = re.compile(r"(?:[cmr]\d+(?:i|d|n|a)?(?:-flex)?|t3)\Z")
"""Families without accelerators."""

UNFIT: Mapping[str, str] = {
    "trn1": "AWS Trainium",
    "trn1n": "AWS Trainium",
    "trn2": "AWS Trainium",
    "p2": "GPUs of 2014, for which PyTorch is not built any more",
    "p6e-gb200": "processors of another architecture (arm64) than AWS's image for training",
}
"""Families on which the engine does not run, and why: it trains on NVIDIA GPUs and CPUs."""


def accelerators(instance_type: str) -> int | None:
    """Return how many GPUs an instance has, 0 for none; ``None`` where it is not known.

    Example:
        >>> accelerators("ml.g5.12xlarge"), accelerators("ml.m5.xlarge")
        (4, 0)
    """
    match = TYPE.match(instance_type)
    if match is None:
        return None
    if match["family"] in GPUS:
        return GPUS[match["family"]].get(match["size"])
    return 0 if CPU_FAMILY.match(match["family"]) else None


def unfit(instance_type: str) -> str | None:
    """Return why the engine cannot train on instances of a type; ``None`` where it can."""
    match = TYPE.match(instance_type)
    return None if match is None else UNFIT.get(match["family"])
