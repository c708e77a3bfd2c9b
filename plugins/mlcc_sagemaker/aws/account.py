"""The account of a project: region, role, bucket, endpoint, as configured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from mlcc_core import Context, MlccError, PlatformError
from mlcc_core.helpers import install_command, require_package

REGIONS = ("us-east-1", "us-west-2", "ap-northeast-1", "eu-west-1")
"""Regions with serverless customization of open-weight models, by the SageMaker SDK 3.27."""

ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/[A-Za-z0-9_+=,.@/-]+\Z")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")

PACKAGE = "mlcc[sagemaker]"

EXECUTION_ROLE, IMPORT_ROLE = "ROLE_ARN", "IMPORT_ROLE_ARN"
"""Variables of the roles that SageMaker and Bedrock take."""

BOOTSTRAP = "mlcc bootstrap"
"""The command that provides role and bucket."""

STACK = "mlcc-tune"
"""The stack in which it does."""


def require_boto3() -> None:
    """Check that boto3 is installed.

    Raises:
        MlccError: it is not.
    """
    install = partial(install_command, PACKAGE)
    require_package("boto3", purpose="The platform 'sagemaker'", install=install)


@dataclass(frozen=True, slots=True)
class Role:
    """An execution role.

    Attributes:
        arn: all of it.
        partition: ``aws``, ``aws-cn``, ….
        account: its account's twelve digits, which is also the caller's.
    """

    arn: str
    partition: str
    account: str

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def bootstrapped(self) -> bool:
        """Return whether ``bootstrap`` made it, which alone decides then what it may do."""
        return self.name.startswith((f"{STACK}-ExecutionRole-", f"{STACK}-ImportRole-"))


def region_of(context: Context) -> str:
    """The region, from ``AWS_REGION``, ``AWS_DEFAULT_REGION`` or the profile.

    Raises:
        MlccError: none is set, or boto3 is not installed.
        botocore.exceptions.BotoCoreError: the profile does not exist.
    """
    require_boto3()
    from mlcc_aws.sessions import boto_session

    region = boto_session(context.settings).region_name
    if not region:
        raise MlccError(
            "No AWS region is set.", where="AWS_REGION", hint="export AWS_REGION=us-east-1"
        )
    return region


def options_of(
    context: Context, options: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    """The platform's flags: those of the spec over those of the call."""
    return {**context.options, **(options or {})}


def role_of(
    context: Context,
    options: Mapping[str, object] | None = None,
    variable: str = EXECUTION_ROLE,
) -> Role:
    """The execution role, from ``--role`` or ``ROLE_ARN``; another role from its own variable.

    Raises:
        MlccError: none is set, or it is not the ARN of a role.
    """
    flag = options_of(context, options).get("role")
    arn = str(flag or context.settings.get(variable) or "")
    where = "--role" if flag else variable
    if not arn:
        kind = "execution role" if variable == EXECUTION_ROLE else f"role ({variable})"
        raise PlatformError(f"role: no {kind} is set", hint=BOOTSTRAP)
    match = ROLE_ARN.match(arn)
    if match is None:
        raise MlccError(
            f"{arn!r} is not an IAM role, expected arn:aws:iam::<account>:role/<name>.",
            where=where,
            hint=f"{BOOTSTRAP}   # or pass --role arn:aws:iam::123456789012:role/NAME",
        )
    return Role(arn, match[1], match[2])


def import_role_of(context: Context) -> Role:
    """The role that Bedrock reads weights with, from ``--role`` or ``IMPORT_ROLE_ARN``.

    Raises:
        MlccError: none is set, or it is not the ARN of a role.
    """
    return role_of(context, variable=IMPORT_ROLE)


def known_bucket(context: Context) -> str | None:
    """The bucket of :func:`bucket_of`; ``None`` where none is set."""
    named = context.options.get("output_bucket") or context.settings.get("TUNE_S3_BUCKET")
    return bucket_of(context) if named else None


def bucket_of(context: Context, options: Mapping[str, object] | None = None) -> str:
    """The bucket for datasets and output, from ``--output-bucket`` or ``TUNE_S3_BUCKET``.

    Raises:
        MlccError: none is set, or it is not a bucket's name.
    """
    flag = options_of(context, options).get("output_bucket")
    name = str(flag or context.settings.get("TUNE_S3_BUCKET") or "")
    where = "--output-bucket" if flag else "TUNE_S3_BUCKET"
    name = name.removeprefix("s3://").rstrip("/")
    if not name:
        raise PlatformError("bucket: no tune bucket is set", hint=BOOTSTRAP)
    if BUCKET.match(name) is None:
        raise MlccError(
            f"{name!r} is not a bucket's name, expected 3 to 63 lower-case letters, digits, dots "
            "and hyphens.",
            where=where,
            hint=f"pass --output-bucket NAME, or: {BOOTSTRAP}",
        )
    return name


def kms_key_of(context: Context, options: Mapping[str, object] | None = None) -> str | None:
    """The key for datasets and output, from ``--kms-key`` or ``TUNE_KMS_KEY_ID``; else none."""
    flag = options_of(context, options).get("kms_key")
    return str(flag or context.settings.get("TUNE_KMS_KEY_ID") or "") or None


def dataset_buckets(context: Context) -> list[str]:
    """The buckets that ``bootstrap``'s role may read besides, from ``TUNE_DATASET_BUCKETS``."""
    return context.settings.get("TUNE_DATASET_BUCKETS", "").replace(",", " ").split()


def reward_functions(context: Context) -> list[str]:
    """The functions that ``bootstrap``'s role may invoke, from ``TUNE_REWARD_FUNCTIONS``."""
    return context.settings.get("TUNE_REWARD_FUNCTIONS", "").replace(",", " ").split()


def named_judges(context: Context) -> list[str]:
    """The judges that ``bootstrap``'s role may ask besides, from ``TUNE_JUDGE_MODELS``."""
    return context.settings.get("TUNE_JUDGE_MODELS", "").replace(",", " ").split()


def endpoint_of(context: Context) -> str:
    """The endpoint of the project, from ``ENDPOINT_NAME`` or by the project's name."""
    return context.settings.get("ENDPOINT_NAME") or f"{context.project}-endpoint"


def model_of(context: Context) -> str:
    """The catalog's id of the project's model.

    Raises:
        MlccError: ``MODEL_ID`` is not set.
    """
    name = context.settings.get("MODEL_ID")
    if not name:
        raise MlccError(
            "The project names no model to deploy.",
            where="MODEL_ID",
            hint="set MODEL_ID in do/config   # see: mlcc catalog list",
        )
    return context.catalog_id(name)


def eula_accepted(context: Context, options: Mapping[str, object] | None = None) -> bool:
    """Return whether the model's licence was accepted, by ``--accept-eula`` or ``ACCEPT_EULA``."""
    setting = context.settings.get("ACCEPT_EULA", "")
    return bool(options_of(context, options).get("accept_eula")) or setting.lower() == "true"


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI; an access point's ARN counts as a bucket.

    Raises:
        MlccError: it is not an S3 URI.
    """
    rest = uri.removeprefix("s3://")
    if rest.startswith("arn:"):
        service, name, *parts = rest.split("/", 2)
        return f"{service}/{name}", parts[0] if parts else ""
    bucket, _, key = rest.partition("/")
    if rest == uri or not bucket:
        raise MlccError(f"{uri!r} is not an S3 URI, expected s3://bucket/key.")
    return bucket, key
