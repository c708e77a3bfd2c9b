"""The model package of a run, by which an evaluation names the run's model."""

from __future__ import annotations

import re

from mlcc_core import Context, JobNotFound, MlccError
from mlcc_sagemaker.aws.calls import client, found
from mlcc_sagemaker.job.jobs import read_description
from mlcc_sagemaker.job.progress import status_of

PACKAGE = re.compile(
    r"(?P<account>arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}):model-package/(?P<group>[^/]+)/[^/]+\Z"
)


def package_of(context: Context, job: str) -> str:
    """Return the ARN of the model package that a run left, with its adapter or its whole model.

    Raises:
        MlccError: the run has not completed, left no package, or the package is gone.
        PlatformError: AWS cannot be asked.
    """
    try:
        description = read_description(context, job)
    except JobNotFound as error:
        raise _unmeasurable(f"SageMaker does not know the run {job}: {error.what}") from None
    status = status_of(description)
    if status != "completed":
        raise _unmeasurable(f"The run {job} is {status}, expected one that completed.")
    arn = str(description.get("OutputModelPackageArn") or "")
    if PACKAGE.match(arn) is None:
        raise _unmeasurable(f"The run {job} left no model package, by which SageMaker evaluates.")
    package = found(
        lambda: client(context, "sagemaker").describe_model_package(ModelPackageName=arn),
        f"look at the model package {arn}",
        f"sagemaker:DescribeModelPackage on {arn}",
    )
    if package is None:
        raise _unmeasurable(f"The model package {arn} of the run {job} does not exist any more.")
    return arn


def group_of(package: str) -> str:
    """Return the ARN of a package's group.

    Example:
        >>> group_of("arn:aws:sagemaker:us-east-1:123456789012:model-package/mlcc-demo/3")
        'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/mlcc-demo'
    """
    match = PACKAGE.match(package)
    if match is None:
        raise MlccError(f"{package!r} is not the ARN of a version of a model package.")
    return f"{match['account']}:model-package-group/{match['group']}"


def _unmeasurable(what: str) -> MlccError:
    return MlccError(what, hint="mlcc runs   # shows the runs that completed")
