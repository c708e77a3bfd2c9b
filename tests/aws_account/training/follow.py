"""Jobs that go on from the package of an earlier one: those that the service takes.

The pairs are those of AWS's page on continued customization, which also says: LoRA only. Its words
of refusal are in no public source; these are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.aws_account.door.answers import invalid

PAIRS = {
    "SFT": {"SFT", "DPO", "RLVR", "RLAIF"},
    "DPO": {"SFT", "DPO", "RLVR", "RLAIF"},
    "RLVR": {"DPO", "RLVR"},
    "RLAIF": {"DPO", "RLAIF"},
}


def require(
    serverless: Mapping[str, Any], before: Mapping[str, str], recipe: Mapping[str, Any]
) -> None:
    """Refuse a job that cannot go on from a package.

    Args:
        serverless: the job's ``ServerlessJobConfig``.
        before: the package's ``BaseModel``.
        recipe: by which the package was made.

    Raises:
        ServiceError: another base model, full rank on either side, or a pair that is not allowed.
    """
    name = serverless["BaseModelArn"].split("/")[-2]
    if name != before["HubContentName"]:
        raise invalid(f"The source model package is of {before['HubContentName']}, not of {name}.")
    if recipe.get("Peft") != "LORA" or serverless.get("Peft") != "LORA":
        raise invalid("Continued customization is supported for LoRA only.")
    first, second = recipe["CustomizationTechnique"], serverless.get("CustomizationTechnique")
    if second not in PAIRS[first]:
        raise invalid(f"Continued customization from {first} to {second} is not supported.")
