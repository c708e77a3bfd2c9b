"""The flags, as ``mlcc tune --help`` shows them.

None of them decides what is trained, so none is part of a plan's identity: asked for again with
another tag, the job that is there is followed, and the command says that it has other tags.
"""

from __future__ import annotations

from mlcc_core import Option

NOTIFY = Option(
    "--notify",
    str,
    "The SNS topic that is told when jobs of the project end, through EventBridge",
    "ARN",
    decides=False,
)
TAG = Option(
    "--tag", str, "A tag of the job, for the bill", "KEY=VALUE", decides=False, repeated=True
)
KMS_KEY = Option(
    "--kms-key",
    str,
    "The KMS key that encrypts staged data and output (default: TUNE_KMS_KEY_ID)",
    "ARN",
    decides=False,
)
SUBNETS = Option(
    "--subnets",
    str,
    "The job's subnets in your VPC, separated by commas; with --security-groups",
    "IDS",
    decides=False,
)
SECURITY_GROUPS = Option(
    "--security-groups",
    str,
    "The job's security groups in your VPC, separated by commas; with --subnets",
    "IDS",
    decides=False,
)
STOP_AFTER = Option(
    "--stop-after",
    str,
    "The longest that the job may run, then SageMaker stops it",
    "DURATION",
    decides=False,
)

OPTIONS = (NOTIFY, TAG, KMS_KEY, SUBNETS, SECURITY_GROUPS, STOP_AFTER)
