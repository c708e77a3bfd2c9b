"""Items of the price list as AWS publishes them, by what public sources show of them."""

from __future__ import annotations

from collections.abc import Mapping

GPU = "ml.g5.2xlarge"
"""The instance that serves the tests' model."""

QWEN_JUDGE = "qwen.qwen3-32b-v1:0"
QWEN_ROWS: Mapping[str, tuple[str, str, str, str]] = {
    "Qwen3-32B-input-tokens": ("Input tokens", "On-demand Inference", "", "0.0001500000"),
    "Qwen3-32B-output-tokens": ("Output tokens", "On-demand Inference", "", "0.0006000000"),
    "Qwen3-32B-input-tokens-flex": ("Input tokens flex", "On-demand Inference", "", "0.000075"),
    "Qwen3-32B-output-tokens-flex": ("Output tokens flex", "On-demand Inference", "", "0.0003"),
    "Qwen3-32B-input-tokens-priority": (
        *("Input tokens priority", "On-demand Inference", "", "0.0002625"),
    ),
    "Qwen3-32B-output-tokens-priority": (
        *("Output tokens priority", "On-demand Inference", "", "0.00105"),
    ),
    "Qwen3-32B-input-tokens-batch": ("Input tokens", "Batch Inference", "", "0.000075"),
    "Qwen3-32B-output-tokens-batch": ("Output tokens", "Batch Inference", "", "0.0003"),
    "qwen.qwen3-32b-mantle-input-tokens-standard": ("Input tokens", "", "standard", "0.00015"),
    "qwen.qwen3-32b-mantle-output-tokens-standard": ("Output tokens", "", "standard", "0.0006"),
    "qwen.qwen3-32b-mantle-input-tokens-batch": ("input tokens batch", "", "batch", "0.000075"),
}
"""Of a model: usage type without region to ``inferenceType``, ``feature``, ``service_tier`` and the
price of a thousand tokens in us-east-1 (github.com/scttfrdmn/cultivar, July 2026)."""


def hosting(instance: str = GPU, region: str = "us-east-1", **more: str) -> dict[str, str]:
    """Return the attributes of an instance that serves models."""
    return {
        "regionCode": region,
        "instanceName": instance,
        "instanceType": f"{instance}-Hosting",
        "component": "Hosting",
        "usagetype": f"USE1-Host:{instance}",
        "operation": "RunInstance",
        **more,
    }


def publish_instance(account, *amounts: str, instance: str = GPU, **more: str) -> None:
    """Publish what an hour of an instance costs, and its other uses."""
    account.prices.publish(
        "AmazonSageMaker", hosting(instance, **more), *amounts, family="ML Instance"
    )
    for component, amount in (("Training", "9.1"), ("studio-jupyterlab", "9.2")):
        attributes = {**hosting(instance), "component": component}
        account.prices.publish("AmazonSageMaker", attributes, amount, family="ML Instance")


def publish_judge(account, region: str = "us-east-1") -> None:
    """Publish all rows of a judge in a region."""
    for usage, (inference, feature, tier, amount) in QWEN_ROWS.items():
        publish_tokens(account, usage, inference, feature, tier, amount, region)


def publish_tokens(
    account,
    usage: str,
    inference: str = "Input tokens",
    feature: str = "On-demand Inference",
    tier: str = "",
    amount: str = "0.0001",
    region: str = "us-east-1",
    unit: str = "1K tokens",
) -> None:
    """Publish one row of Bedrock."""
    attributes = {"inferenceType": inference, "feature": feature, "service_tier": tier}
    known = {name: value for name, value in attributes.items() if value}
    account.prices.publish(
        "AmazonBedrock",
        {**known, "regionCode": region, "usagetype": f"USE1-{usage}"},
        amount,
        unit=unit,
    )
