"""The models that judge replies by a reward prompt."""

from __future__ import annotations

from collections.abc import Mapping

from mlcc_core import EvaluatorKind, MlccError, Option

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
"""Bedrock ids that the service takes, and the regions it takes them in (SageMaker SDK 3.27)."""

DEFAULT = "openai.gpt-oss-120b-1:0"
FLAG = "--judge-model"

OPTION = Option(
    FLAG,
    str,
    f"Judge: the Bedrock model that scores replies (sagemaker; default {DEFAULT})",
    "MODEL",
    evaluator=EvaluatorKind.PROMPT,
)


def judge_of(settings: Mapping[str, object], region: str) -> str:
    """The judge that the options name, or the default.

    Raises:
        MlccError: the service does not take it in this region; those that it takes are listed.
    """
    name = str(settings.get("judge_model") or DEFAULT)
    allowed = [judge for judge, regions in REGIONS_BY_JUDGE.items() if region in regions]
    if name in allowed:
        return name
    there = REGIONS_BY_JUDGE.get(name)
    why = f"only in {', '.join(there)}" if there else "no judge that SageMaker takes"
    raise MlccError(
        f"{FLAG} {name!r} cannot be used in {region}: {why}.",
        where=FLAG,
        detail=(f"Judges in {region}: {', '.join(allowed) or 'none'}",),
        hint=f"pass {FLAG} {allowed[0]}" if allowed else "export AWS_REGION=us-west-2",
    )
