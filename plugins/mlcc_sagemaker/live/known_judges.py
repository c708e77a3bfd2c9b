"""The judges that the SageMaker SDK 3.27 lets its trainer of RLAIF use, and the flag for one."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core import EvaluatorKind, Option

ALL_REGIONS = ("us-east-1", "us-west-2", "ap-northeast-1", "eu-west-1")
FEW_REGIONS = ("us-west-2", "ap-northeast-1")

REGIONS_BY_JUDGE: Mapping[str, tuple[str, ...]] = {
    "openai.gpt-oss-120b-1:0": ALL_REGIONS,
    "openai.gpt-oss-20b-1:0": ALL_REGIONS,
    "qwen.qwen3-32b-v1:0": ALL_REGIONS,
    "qwen.qwen3-coder-30b-a3b-v1:0": ALL_REGIONS,
    "qwen.qwen3-coder-480b-a35b-v1:0": FEW_REGIONS,
    "qwen.qwen3-235b-a22b-2507-v1:0": FEW_REGIONS,
}
"""Bedrock ids, and the regions that they are taken in."""

DEFAULT = "openai.gpt-oss-120b-1:0"
FLAG = "--judge-model"

OPTION = Option(
    FLAG,
    str,
    f"Judge: the Bedrock model that scores replies (sagemaker; default {DEFAULT})",
    "MODEL",
    evaluator=EvaluatorKind.PROMPT,
)


def known_judges(region: str) -> tuple[str, ...]:
    """Return the judges of a region, the preferred one first; none for a region without."""
    return tuple(judge for judge, regions in REGIONS_BY_JUDGE.items() if region in regions)


def regions_of(judge: str) -> tuple[str, ...]:
    """Return the regions of a judge; none for one that is not known."""
    return REGIONS_BY_JUDGE.get(judge, ())
