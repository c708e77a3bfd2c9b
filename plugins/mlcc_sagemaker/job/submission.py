"""Creating a job, and before it what the job refers to: each once, whatever is lost or killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlcc_core import Context, PlatformError, Request
from mlcc_core.helpers import first_line
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client, found, quota
from mlcc_sagemaker.aws.sdk import quiet_sdk, require_sdk
from mlcc_sagemaker.job.jobs import is_evaluation
from mlcc_sagemaker.managed.hyperparameters import named
from mlcc_sagemaker.request import mlflow
from mlcc_sagemaker.request.body import CREATES, JOB
from mlcc_sagemaker.request.options.notifications import Notification, ensure_notified
from mlcc_sagemaker.request.prompts import PromptCopy, ensure_copied
from mlcc_sagemaker.request.registry import Registration, ensure_registered
from mlcc_sagemaker.request.request import require_no_gaps


class JobExists(PlatformError):
    """A job of that name exists already."""


def submit(context: Context, name: str, request: Request) -> None:
    """Create the job, and what ``creates`` names unless it is there.

    Raises:
        PlatformError: it was not created, or that could not be found out.
    """
    require_no_gaps(request)
    require_sdk()
    creates = cast("Mapping[str, Any]", request.body[CREATES])
    job = named(cast("Mapping[str, Any]", request.body[JOB]), name)
    if "ModelPackageGroup" in creates:
        _ensure_group(context, creates["ModelPackageGroup"])
    if "RewardPrompt" in creates:
        ensure_copied(context, PromptCopy(**creates["RewardPrompt"]))
    if "Evaluator" in creates:
        arn = job["ServerlessJobConfig"]["EvaluatorArn"]
        ensure_registered(context, Registration(**creates["Evaluator"]), arn)
    if "Notification" in creates:
        ensure_notified(context, Notification(**creates["Notification"]))
    create_job(context, name, job)
    _tell_mlflow(context, job)


def create_job(context: Context, name: str, job: Mapping[str, Any]) -> None:
    """Create a job through the SDK's resource layer, which checks it by the service's shapes.

    Args:
        context: the surroundings of the project.
        name: of the job.
        job: the members of ``CreateTrainingJob``, without the name.

    Raises:
        JobExists: there is one of that name.
        PlatformError: it was not created, or that could not be found out.
    """
    doing = f"create the job {name}"

    def taken(words: str) -> PlatformError:
        return JobExists(f"A job named {name} exists already.", detail=(words,))

    on = {
        "ResourceInUse": taken,
        "ResourceLimitExceeded": lambda words: quota(doing, words),
        "ValidationException": lambda words: refused(name, words),
    }
    with aws_call(doing, "sagemaker:CreateTrainingJob", on), quiet_sdk(context):
        from sagemaker.core.resources import TrainingJob
        from sagemaker.core.utils.code_injection.codec import transform

        from mlcc_aws.sessions import boto_session

        arguments = transform({"TrainingJobName": name, **job}, "CreateTrainingJobRequest")
        TrainingJob.create(
            **arguments, session=boto_session(context.settings), region=region_of(context)
        )


def refused(name: str, words: str) -> PlatformError:
    """The error for a request that the service does not take."""
    return PlatformError(
        f"SageMaker refuses the job {name}: {first_line(words) or 'no reason'}",
        detail=words.splitlines()[1:],
        hint="mlcc doctor",
    )


def _ensure_group(context: Context, group: str) -> None:
    def describe() -> Any:
        return client(context, "sagemaker").describe_model_package_group(
            ModelPackageGroupName=group
        )

    doing, action = f"look up the model package group {group}", "DescribeModelPackageGroup"
    if found(describe, doing, f"sagemaker:{action}") is not None:
        return
    try:
        with aws_call(
            f"create the model package group {group}", "sagemaker:CreateModelPackageGroup"
        ):
            client(context, "sagemaker").create_model_package_group(
                ModelPackageGroupName=group,
                ModelPackageGroupDescription=f"Models tuned by mlcc in project {context.project}",
                Tags=[{"Key": "mlcc:project", "Value": context.project}],
            )
    except PlatformError:
        # Another terminal may have been faster, or the answer was lost.
        if found(describe, doing, f"sagemaker:{action}") is None:
            raise
    context.say(f"ℹ️  Created the model package group {group}.")


def _tell_mlflow(context: Context, job: Mapping[str, Any]) -> None:
    config = job.get("MlflowConfig")
    if not config:
        if not is_evaluation(job):  # several jobs make one evaluation
            context.say(mlflow.SUGGESTION)
        return
    arn = config["MlflowResourceArn"]
    url = mlflow.experiment_url(arn, None, mlflow.server_url(context, arn))
    context.say(f"📊 MLflow experiment {config['MlflowExperimentName']}: {url}")
    context.say(f"   Sign in with: {mlflow.sign_in(arn)}")
