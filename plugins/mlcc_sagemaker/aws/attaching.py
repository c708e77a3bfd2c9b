"""The commands that give the stack's policies to who runs mlcc."""

from __future__ import annotations

import re
from collections.abc import Mapping

POLICIES = ("TrainingPolicyArn", "ServingPolicyArn", "DataPolicyArn")
"""Outputs of the stack."""

USER = re.compile(r"arn:[\w-]+:iam::\d+:user/(?:.*/)?(?P<name>[^/]+)\Z")
ROLE = re.compile(r"arn:[\w-]+:sts::\d+:assumed-role/(?P<name>[^/]+)/.*\Z")
OF_IDENTITY_CENTER = "AWSReservedSSO_"
"""Begins the names of roles of IAM Identity Center, which takes no policies for them from IAM."""


def attach_commands(caller: str, outputs: Mapping[str, str]) -> list[str]:
    """Return a command for each policy, for the caller's own user or role where there is one.

    Args:
        caller: the ARN of who runs ``bootstrap``, as STS tells it.
        outputs: of the stack.

    Example:
        >>> attach_commands("arn:aws:iam::123456789012:user/alice", dict.fromkeys(POLICIES, "A"))[0]
        'aws iam attach-user-policy --user-name alice --policy-arn A'
    """
    whom = "user --user-name NAME"
    if match := USER.match(caller):
        whom = f"user --user-name {match['name']}"
    elif (match := ROLE.match(caller)) and not match["name"].startswith(OF_IDENTITY_CENTER):
        whom = f"role --role-name {match['name']}"
    kind, _, name = whom.partition(" ")
    return [
        f"aws iam attach-{kind}-policy {name} --policy-arn {outputs[policy]}" for policy in POLICIES
    ]
