"""Prerequisites, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TypeVar

from mlcc_core import Check, Context, MlccError, PlatformError
from mlcc_core.helpers import install_command
from mlcc_sagemaker.aws.account import (
    BOOTSTRAP,
    PACKAGE,
    REGIONS,
    Role,
    bucket_of,
    endpoint_of,
    region_of,
    role_of,
)
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.aws.roles import ATTEMPTS, role_problem
from mlcc_sagemaker.aws.sdk import MINIMUM_VERSION, installed, new_enough
from mlcc_sagemaker.money.yours import VARIABLES, price_expected

T = TypeVar("T")

FRAMEWORK = "transformers"
NO_ENDPOINT = "batch-transform"


def checks(context: Context, regions: Sequence[str] | None = REGIONS) -> Iterator[Check]:
    """Yield every prerequisite; those that need credentials are left out without them.

    Args:
        context: the surroundings of the project.
        regions: in which jobs can run; ``None`` for any.
    """
    yield from project_checks(context.settings)
    yield sdk_check()
    try:
        region = region_of(context)
    except MlccError as error:
        yield Check("region", "missing", _said(error), error.hint or "export AWS_REGION=us-east-1")
        return
    yield region_check(region, regions)
    account = yield from _guarded("credentials", lambda: credentials_check(context))
    if account is None:
        return
    yield from _guarded("role", lambda: role_check(context, account))
    yield from _guarded("bucket", lambda: bucket_check(context, region))
    yield endpoint_check(context)


def project_checks(settings: Mapping[str, str]) -> Iterator[Check]:
    """Check the kind of this project."""
    framework = settings.get("FRAMEWORK") or FRAMEWORK
    if framework == FRAMEWORK:
        yield Check("framework", "ok", framework)
    else:
        yield Check(
            "framework",
            "missing",
            f"{framework}: only {FRAMEWORK} projects can be tuned",
            f"set FRAMEWORK={FRAMEWORK} in do/config",
        )
    target = settings.get("DEPLOYMENT_TARGET") or "managed-inference"
    if target == NO_ENDPOINT:
        yield Check(
            "deployment target",
            "missing",
            f"{target}: any target except {NO_ENDPOINT} can be tuned",
            "set another DEPLOYMENT_TARGET in do/config",
        )
    else:
        yield Check("deployment target", "ok", target)
    yield from price_checks(settings)


def price_checks(settings: Mapping[str, str]) -> Iterator[Check]:
    """Tell of prices that the user names and that are none: jobs run all the same."""
    for option, variable in VARIABLES.items():
        text = settings.get(variable, "").strip()
        if text and (expected := price_expected(option, text)):
            mend = f"set {variable} to US dollars in do/config, or remove it"
            yield Check(f"price {variable}", "warning", f"{text!r}: expected {expected}", mend)


def sdk_check() -> Check:
    """The SageMaker Python SDK, looked at without importing it."""
    version = installed()
    if version is None:
        return Check(
            "Python SDK",
            "missing",
            f"sagemaker>={MINIMUM_VERSION} is not installed",
            install_command(PACKAGE),
        )
    if not new_enough(version):
        found_text = f"sagemaker {version} is installed, sagemaker>={MINIMUM_VERSION} is required"
        return Check(
            "Python SDK", "missing", found_text, install_command(f"sagemaker>={MINIMUM_VERSION}")
        )
    return Check("Python SDK", "ok", f"sagemaker {version}")


def region_check(region: str, regions: Sequence[str] | None) -> Check:
    """Return whether jobs can run in the region."""
    if regions is None or region in regions:
        return Check("region", "ok", region)
    return Check(
        "region",
        "missing",
        f"{region} does not support model customization; {', '.join(regions)} do",
        f"export AWS_REGION={regions[0]}",
    )


def credentials_check(context: Context) -> tuple[Check, str]:
    """Check the credentials, and name their account."""
    with aws_call("use the AWS credentials", "sts:GetCallerIdentity"):
        who = client(context, "sts", attempts=ATTEMPTS).get_caller_identity()
    return Check("credentials", "ok", str(who["Arn"])), str(who["Account"])


def role_check(context: Context, account: str) -> tuple[Check, Role]:
    """Return whether the execution role is there and SageMaker may take it."""
    role = role_of(context)
    if role.account != account:
        text = f"{role.arn} belongs to another account than the credentials ({account})"
        return Check("role", "missing", text, _other_role(context)), role
    try:
        problem = role_problem(context, role)
    except PlatformError as error:
        return Check("role", "warning", f"{role.arn} could not be looked at: {error.what}"), role
    if problem is not None:
        return Check("role", "missing", problem, _other_role(context)), role
    return Check("role", "ok", role.arn), role


def _other_role(context: Context) -> str:
    return "leave out --role, or name another one" if context.options.get("role") else BOOTSTRAP


def bucket_check(context: Context, region: str) -> tuple[Check, str]:
    """Return whether the bucket is there, ours to use, and in the jobs' region."""
    bucket = bucket_of(context)
    action = f"s3:ListBucket on arn:aws:s3:::{bucket}"
    answer = found(
        lambda: client(context, "s3", attempts=ATTEMPTS).head_bucket(Bucket=bucket),
        f"look at the bucket {bucket}",
        action,
    )
    if answer is None:
        mend = f"leave out --output-bucket, or: aws s3 mb s3://{bucket}"
        hint = mend if context.options.get("output_bucket") else BOOTSTRAP
        return Check("bucket", "missing", f"{bucket} does not exist", hint), bucket
    there = answer.get("BucketRegion") or region
    if there != region:
        text = f"{bucket} is in {there}, jobs run in {region}"
        return Check("bucket", "missing", text, f"export AWS_REGION={there}"), bucket
    return Check("bucket", "ok", bucket), bucket


def endpoint_check(context: Context) -> Check:
    """Return whether the project's endpoint is in service, which adapters need and jobs do not.

    A warning that ``tune`` says too; without credentials that may look, also one.
    """
    try:
        name = endpoint_of(context)
        answer = found(
            lambda: client(context, "sagemaker", attempts=ATTEMPTS).describe_endpoint(
                EndpointName=name
            ),
            f"look at the endpoint {name}",
            "sagemaker:DescribeEndpoint",
        )
    except MlccError as error:
        return Check("endpoint", "warning", _said(error), error.hint, told=True)
    status = str(answer["EndpointStatus"]) if answer else "not deployed"
    if status in ("InService", "Updating"):
        return Check("endpoint", "ok", f"{name} is {status}")
    text = f"{name} is {status}; to use an adapter it must be InService (a job needs no endpoint)"
    return Check("endpoint", "warning", text, "./do/deploy", told=True)


def _guarded(name: str, look: Callable[[], tuple[Check, T]]) -> Generator[Check, None, T | None]:
    """The check, and what it found out; what goes wrong is a missing prerequisite."""
    try:
        check, value = look()
    except MlccError as error:
        yield Check(name, "missing", _said(error).removeprefix(f"{name}: "), error.hint)
        return None
    yield check
    return value


def _said(error: MlccError) -> str:
    return error.what.rstrip(".")
