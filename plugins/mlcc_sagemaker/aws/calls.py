"""Calls of AWS: clients by name, errors that a user can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlcc_aws.errors import aws_errors, error_code, message_of
from mlcc_core import Context, MlccError, PlatformError
from mlcc_sagemaker.aws.account import BOOTSTRAP, require_boto3

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

MISSING_CODES = frozenset(
    {
        *("ResourceNotFound", "ResourceNotFoundException", "NoSuchKey", "NoSuchBucket", "404"),
        "NoSuchEntity",
    }
)
"""Codes for what is not there."""

INVALID_CODES = frozenset({"ValidationException", "ValidationError", "InvalidRequestException"})
"""Codes whose message alone says that it is not there."""

NOT_THERE = re.compile(
    r"not found|could not find|does not exist|doesn't exist|marked (?:for deletion|deleted)",
    re.IGNORECASE,
)
"""A secret that was removed can be restored for days, and cannot be read meanwhile."""


def client(context: Context, service: str, *, attempts: int = 5) -> Any:
    """A boto3 client for the project's region and credentials.

    Raises:
        MlccError: boto3 is not installed.
        botocore.exceptions.BotoCoreError: no region, no such profile.
    """
    require_boto3()
    from mlcc_aws import sessions

    return sessions.client(context.settings, service, attempts=attempts)


@contextmanager
def aws_call(
    doing: str,
    action: str,
    on: Mapping[str, Callable[[str], Exception]] | None = None,
) -> Iterator[None]:
    """Turn what AWS answers into errors for the user.

    Args:
        doing: what was tried, to go on a sentence ("create the job demo-1").
        action: the permission that it takes ("sagemaker:CreateTrainingJob").
        on: by code, or ``missing`` for what is not there: makes the error of the service's words.

    Raises:
        TransientError: throttled, a lost connection, the service's own fault, expired credentials
            (which can be renewed while we wait).
        PlatformError: anything else that AWS refuses.
    """
    require_boto3()

    def known(error: ClientError) -> Exception | None:
        errors = on or {}
        made = errors.get(error_code(error)) or (
            errors.get("missing") if is_missing(error) else None
        )
        return made(message_of(error)) if made else None

    with aws_errors(doing, action, known, denied_hint=BOOTSTRAP):
        yield


def quota(doing: str, words: str) -> PlatformError:
    """The error for a quota that is exhausted."""
    return PlatformError(
        f"Cannot {doing}: a quota of the account is exhausted.",
        where="AWS quotas",
        detail=(words,),
        hint=more_quota(words),
    )


QUOTA_NAME = re.compile(r"'(?P<name>ml\.[\w.-]+ for [\w -]+ usage)'")
"""``'ml.g5.2xlarge for training job usage'``, as SageMaker names the quota that is exhausted."""
QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/sagemaker"


def more_quota(words: str) -> str:
    """Return the command that asks AWS for more of a quota; its page where the words name none.

    Args:
        words: of the service: "The account-level service limit 'ml.g5.2xlarge for training job
            usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1
            Instances."
    """
    match = QUOTA_NAME.search(words)
    if match is None:
        return f"ask for more: {QUOTAS}"
    wanted = re.search(r"current utilization of (\d+).*?delta of (\d+)", words)
    value = int(wanted[1]) + int(wanted[2]) if wanted else 1
    named = f"Quotas[?QuotaName=='{match['name']}'].QuotaCode"
    code = (
        "aws service-quotas list-aws-default-service-quotas --service-code sagemaker "
        f'--output text --query "{named}"'
    )
    return (
        "aws service-quotas request-service-quota-increase --service-code sagemaker "
        f"--desired-value {value} --quota-code $({code})"
    )


def is_missing(error: ClientError) -> bool:
    """Return whether the error says that what was asked for is not there."""
    code = error_code(error)
    return code in MISSING_CODES or (
        code in INVALID_CODES and bool(NOT_THERE.search(message_of(error)))
    )


def found(step: Callable[[], Any], doing: str, action: str) -> Any | None:
    """Return the answer of a describing call, or ``None`` for a resource that is not there.

    Raises:
        MlccError: as :func:`aws_call`.
    """

    class Absent(Exception):
        pass

    try:
        with aws_call(doing, action, {"missing": lambda words: Absent()}):
            return step()
    except Absent:
        return None


def required(value: Any | None, error: MlccError) -> Any:
    """``value``, or ``error`` raised when there is none."""
    if value is None:
        raise error
    return value
