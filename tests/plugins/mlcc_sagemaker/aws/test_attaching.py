"""The commands that attach the stack's policies paste, for whom STS tells."""

from __future__ import annotations

import pytest

from mlcc_sagemaker.aws.attaching import POLICIES, attach_commands

OUTPUTS = {name: f"arn:aws:iam::123456789012:policy/{name}" for name in POLICIES}


@pytest.mark.parametrize(
    ("caller", "whom"),
    [
        ("arn:aws:iam::123456789012:user/alice", "user-policy --user-name alice"),
        ("arn:aws-us-gov:iam::123456789012:user/ml/team/bob", "user-policy --user-name bob"),
        ("arn:aws:sts::123456789012:assumed-role/Admin/alice", "role-policy --role-name Admin"),
        # IAM refuses these, or they need nothing: somebody else is meant.
        (
            "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/alice",
            "user-policy --user-name NAME",
        ),
        ("arn:aws:iam::123456789012:root", "user-policy --user-name NAME"),
        ("arn:aws:sts::123456789012:federated-user/alice", "user-policy --user-name NAME"),
    ],
)
def test_the_callers_own_name_is_put_in(caller, whom):
    commands = attach_commands(caller, OUTPUTS)
    assert commands == [f"aws iam attach-{whom} --policy-arn {arn}" for arn in OUTPUTS.values()]
