"""The stack's policies as CloudFormation writes them, measured by the limits of IAM.

The template is read with its short forms (``!Sub``, ``!Ref``, ``!GetAtt``) replaced by what they
stand for; a role that is not made yet has the longest name that it may get.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcc_sagemaker.aws.account import STACK

TEMPLATE = Path(__file__).with_name("template.yaml")

MOST_OF_A_VALUE = 4096
"""Bytes of a parameter's value that CloudFormation takes (its page of quotas)."""

MOST_OF_A_POLICY, MOST_OF_A_ROLE = 6144, 10_240
"""Characters, white space aside, that IAM takes (its page of quotas): of a managed policy, of all
inline policies of a role together."""

VARIABLE = re.compile(r"\$\{([\w:]+)\}")
SUFFIX = "X" * 13
"""As long as what CloudFormation appends to the names that it makes."""


@dataclass(frozen=True, slots=True)
class Where:
    """An account, and the place in it, that a stack is for.

    Attributes:
        partition: ``aws``, ``aws-us-gov``, ….
        region: its name.
        account: twelve digits.
    """

    partition: str
    region: str
    account: str


def too_long(values: Mapping[str, str], where: Where) -> str:
    """Return what is longer than AWS takes, to go on a sentence; empty when nothing is.

    Args:
        values: of the template's parameters.
        where: the stack is for.

    Example:
        "the policy DataPolicy has 6,301 characters, and IAM takes 6,144"
    """
    for name, value in values.items():
        size = len(value.encode())
        if size > MOST_OF_A_VALUE:
            return f"{name} has {size:,} bytes, and CloudFormation takes {MOST_OF_A_VALUE:,}"
    for name, size, most in sizes(values, where):
        if size > most:
            return f"the policy {name} has {size:,} characters, and IAM takes {most:,}"
    return ""


def sizes(values: Mapping[str, str], where: Where) -> Iterator[tuple[str, int, int]]:
    """Yield each managed policy, and the policies of each role: name, characters, most of them."""
    for name, resource in _resources(values, where).items():
        properties = resource.get("Properties") or {}
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield name, _characters(properties["PolicyDocument"]), MOST_OF_A_POLICY
        if resource["Type"] == "AWS::IAM::Role":
            inline = [policy["PolicyDocument"] for policy in properties["Policies"]]
            yield name, sum(map(_characters, inline)), MOST_OF_A_ROLE


def _characters(document: object) -> int:
    return len(re.sub(r"\s", "", json.dumps(document, ensure_ascii=False)))


def _resources(values: Mapping[str, str], where: Where) -> Mapping[str, Any]:
    """Return the template's resources, all references replaced."""
    import yaml

    known = {
        "AWS::Partition": where.partition,
        "AWS::Region": where.region,
        "AWS::AccountId": where.account,
    }

    def short_form(loader: Any, tag: str, node: object) -> object:
        if not isinstance(node, yaml.ScalarNode):
            return None  # a condition
        text = str(loader.construct_scalar(node))
        if tag == "Sub":
            return VARIABLE.sub(lambda match: known[match[1]], text)
        if tag == "GetAtt":
            role = text.removesuffix(".Arn")
            return f"arn:{where.partition}:iam::{where.account}:role/{STACK}-{role}-{SUFFIX}"
        if text in values:
            return [each.strip() for each in values[text].split(",")]
        return known.get(text, text)

    reader: Any = type("ShortForms", (yaml.SafeLoader,), {})
    reader.add_multi_constructor("!", short_form)
    # The file is the plugin's own, and the loader a safe one.
    document = yaml.load(TEMPLATE.read_text(), reader)  # noqa: S506
    resources: Mapping[str, Any] = document["Resources"]
    return resources
