"""Jobs that exist: found by name, described, stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core import Context, JobNotFound, JobState, PlatformError, Request, metric_title
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.job.metrics import HELD_OUT_LOSS, final_metrics
from mlcc_sagemaker.job.progress import fault_of, progress_of, reason_of, seconds, status_of
from mlcc_sagemaker.job.reported_spec import described_spec
from mlcc_sagemaker.request import mlflow

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
FILTER_LENGTH = 63
"""Characters that the service's filter by name takes."""


def list_jobs(context: Context, prefix: str) -> Sequence[str]:
    """Names of all jobs that begin with ``prefix``, newest first.

    The service's filter finds the text anywhere in the name; pages may be empty in between.
    """
    chosen = {"NameContains": prefix[:FILTER_LENGTH].strip("-")} if prefix.strip("-") else {}
    with aws_call("list the jobs", "sagemaker:ListTrainingJobs"):
        pages = client(context, "sagemaker").get_paginator("list_training_jobs")
        return [
            job["TrainingJobName"]
            for page in pages.paginate(**chosen, SortBy="CreationTime", SortOrder="Descending")
            for job in page.get("TrainingJobSummaries", ())
            if job["TrainingJobName"].startswith(prefix)
        ]


def describe(context: Context, name: str, sent: Request | None) -> JobState:
    """The job now.

    Args:
        context: the surroundings of the project.
        name: of the job.
        sent: its request, if this process sent it.

    Raises:
        JobNotFound: there is none of that name.
        PlatformError: it cannot be asked right now.
    """
    description = read_description(context, name)
    status = status_of(description)
    final = status in ("completed", "failed", "stopped")
    reason = reason_of(description, status)
    artifacts = str((description.get("ModelArtifacts") or {}).get("S3ModelArtifacts") or "")
    return JobState(
        name=name,
        status=status,
        phase=str(description.get("SecondaryStatus") or ""),
        progress=progress_of(description),
        reported=None if is_evaluation(description) else described_spec(description, sent),
        artifacts=artifacts or None if status == "completed" else None,
        reason=reason,
        fault=fault_of(reason or "") if status == "failed" else None,
        started=seconds(description.get("CreationTime")),
        ended=seconds(description.get("TrainingEndTime") or description.get("LastModifiedTime"))
        if final
        else None,
        details=_details(context, name, description, final),
        billable_tokens=description.get("BillableTokenCount"),
    )


def read_description(context: Context, name: str) -> Mapping[str, Any]:
    """Read what the service says about the job.

    Raises:
        JobNotFound: there is none of that name.
    """
    missing = {"missing": lambda words: JobNotFound(f"SageMaker has no job named {name}.")}
    with aws_call(f"look at the job {name}", "sagemaker:DescribeTrainingJob", missing):
        answer: Mapping[str, Any] = client(context, "sagemaker").describe_training_job(
            TrainingJobName=name
        )
    return answer


def stop(context: Context, name: str) -> None:
    """Ask the job to stop; one that has ended is left as it is.

    Raises:
        JobNotFound: there is none of that name.
    """
    if status_of(read_description(context, name)) in ("completed", "failed", "stopped"):
        return
    try:
        with aws_call(f"stop the job {name}", "sagemaker:StopTrainingJob"):
            client(context, "sagemaker").stop_training_job(TrainingJobName=name)
    except PlatformError:
        # It may have ended in between, which is what was wanted.
        if status_of(read_description(context, name)) in ("running", "pending"):
            raise


def is_evaluation(description: Mapping[str, Any]) -> bool:
    """Return whether a job measures a model: it has no training to report."""
    return (description.get("ServerlessJobConfig") or {}).get("JobType") == "Evaluation"


def _details(
    context: Context, name: str, description: Mapping[str, Any], final: bool
) -> dict[str, str]:
    """Facts for people: the console, the tokens that cost, the package, the experiment."""
    region = region_of(context)
    console = f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}"
    details = {"console": f"{console}#/jobs/{name}"}
    if description.get("BillableTokenCount") is not None:
        details["billable tokens"] = f"{description['BillableTokenCount']:,}"
    held_out = final_metrics(description).get(HELD_OUT_LOSS)
    if held_out is not None:
        details[metric_title(HELD_OUT_LOSS)] = f"{held_out:.4g} (SageMaker tells no error of it)"
    if description.get("OutputModelPackageArn"):
        details["model package"] = str(description["OutputModelPackageArn"])
    arn = (description.get("MlflowConfig") or {}).get("MlflowResourceArn")
    experiment = (description.get("MlflowDetails") or {}).get("MlflowExperimentId")
    if arn:
        # A server's address takes a call, which is not made each time a job is looked at.
        server = mlflow.server_url(context, arn) if final else None
        details["MLflow experiment"] = mlflow.experiment_url(arn, experiment, server)
    return details
