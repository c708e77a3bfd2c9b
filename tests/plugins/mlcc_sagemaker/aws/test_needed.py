"""The stack's policies have exactly the actions that the product takes."""

from __future__ import annotations

import pytest

from tests.aws_account.permissions.policies import unused
from tests.plugins.mlcc_sagemaker.aws.flows import FLOWS

pytest.importorskip("sagemaker.core")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy:UserWarning"),
]

CHOICES = "JudgeModels: arn:aws:bedrock:"
"""Judges that a user may choose: which of them, the commands do not decide."""


def test_nothing_is_denied_and_nothing_is_left_over(user, account):
    for step in FLOWS:
        ran = user(step)
        assert ran.code == step.code, (step.line, ran)
        denied = [call.message for call in account.log.calls() if "AccessDenied" in call.error]
        assert denied == [], step.line
    assert account.trap.hosts == []
    for policy in user.policies:
        assert unused(policy, account.caller.used) == []
    for policy in user.role_policies().values():
        left = unused(policy, user.role_used)
        assert [line for line in left if not line.startswith(CHOICES)] == []
    for policy in user.import_policies().values():
        assert unused(policy, user.role_used) == []
