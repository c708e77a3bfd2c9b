"""Creating a job, and before it the code that it runs: each once, whatever is lost or killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlcc_core import Context, Request
from mlcc_sagemaker.aws.sdk import require_sdk
from mlcc_sagemaker.instances.code.upload import upload_code
from mlcc_sagemaker.instances.request.body import CREATES_CODE, CREATES_NOTIFICATION, NAMED
from mlcc_sagemaker.instances.request.request import require_no_gaps
from mlcc_sagemaker.job.submission import create_job
from mlcc_sagemaker.request.body import CREATES, JOB
from mlcc_sagemaker.request.options.notifications import Notification, ensure_notified


def submit(context: Context, name: str, request: Request) -> None:
    """Create the job, and what ``creates`` names unless it is there.

    Raises:
        PlatformError: it was not created, or that could not be found out.
    """
    require_no_gaps(request)
    require_sdk()
    creates = cast("Mapping[str, Any]", request.body.get(CREATES) or {})
    if CREATES_CODE in creates:
        upload_code(context, creates[CREATES_CODE])
    if CREATES_NOTIFICATION in creates:
        ensure_notified(context, Notification(**creates[CREATES_NOTIFICATION]))
    create_job(context, name, named(cast("Mapping[str, Any]", request.body[JOB]), name))


def named(job: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a request with the job's name in the place of its checkpoints, which waits for it."""
    config = job.get("CheckpointConfig")
    if config is None:
        return job
    return {**job, "CheckpointConfig": {**config, "S3Uri": config["S3Uri"].replace(NAMED, name)}}
