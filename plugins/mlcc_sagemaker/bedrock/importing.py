"""Import jobs: one for the same weights under the same name, whatever was cut off before.

A job's name follows from what it imports, and names are kept for good: another try after one that
failed, or whose model was removed, has a number at its end.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mlcc_core import Context, MlccError, PlatformError
from mlcc_core.helpers import first_line
from mlcc_sagemaker.aws.account import BOOTSTRAP, Role, region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.bedrock.models import (
    ARCHITECTURE,
    WEIGHTS,
    describe_job,
    describe_model,
    running_jobs,
)
from mlcc_sagemaker.bedrock.weights.placing import Placed
from mlcc_sagemaker.request.options.values import Surroundings
from mlcc_sagemaker.serving.standing.tags import PROJECT
from mlcc_sagemaker.serving.waiting import PATIENCE, patiently

SDK_SOURCE = "sagemaker.amazonaws.com/model-source"
"""The tag by which the SageMaker SDK finds models again (``reuse_resources``)."""

TAG_VALUE = re.compile(r"[A-Za-z0-9\s._:/=+@-]{0,256}\Z")
SPOKEN_SECONDS = 30.0
"""Between two lines about an import that goes on."""

PERMISSION = re.compile(r"access.?denied|not authorized|permission|assume|forbidden", re.IGNORECASE)
OF_AWS = re.compile(r"quota|limit|capacity|throttl|internal|try again|unavailable", re.IGNORECASE)
TAKEN = re.compile(r"already exists|already in use|currently in use", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Import:
    """An import that is wanted.

    Attributes:
        name: of the model.
        digest: of the weights.
        around: the key and the network of it.
    """

    name: str
    digest: str
    around: Surroundings = field(default_factory=Surroundings)

    def stem(self, context: Context) -> str:
        """Return the name of the first job."""
        around = self.around
        of_it = [around.kms_key, list(around.subnets), list(around.security_groups)]
        what = [context.project, self.name, self.digest, *of_it]
        mark = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:12]
        return f"mlcc-{self.name[:40].rstrip('-')}-{mark}"


def find_job(context: Context, wanted: Import) -> tuple[str, Mapping[str, Any] | None]:
    """Return the job of an import that goes on or has made a model that is there.

    Returns:
        Its name and description; a name that is free, and ``None``, where another try is needed.
    """
    for name in _job_names(wanted.stem(context)):
        job = describe_job(context, name)
        if job is None or job["status"] == "InProgress" or _is_there(context, job):
            return name, job
    raise AssertionError("names do not end")


def _job_names(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))


def _is_there(context: Context, job: Mapping[str, Any]) -> bool:
    made = job.get("importedModelArn")
    return (
        job["status"] == "Completed"
        and bool(made)
        and (describe_model(context, str(made)) is not None)
    )


def require_free(context: Context, wanted: Import, own: str) -> None:
    """Refuse a name under which other weights are imported now.

    Args:
        context: the surroundings.
        wanted: the import.
        own: the name of its job.

    Raises:
        MlccError: it is taken.
    """
    for row in running_jobs(context):
        if row.get("importedModelName") == wanted.name and row["jobName"] != own:
            raise MlccError(
                f"The name {wanted.name!r} is taken: the import job {row['jobName']} makes a model "
                "of other weights under it.",
                where="--name",
                hint="choose another --name, or run the same command again once it has ended",
            )


def request_of(context: Context, wanted: Import, job: str, placed: Placed, role: Role) -> Any:
    """Return the request that creates a job, as it is sent.

    Args:
        context: the surroundings.
        wanted: the import.
        job: the job's name, which is also the token of the request: sent twice, it makes one job.
        placed: the weights.
        role: that Bedrock reads them with.
    """
    tags = {PROJECT: context.project, WEIGHTS: wanted.digest, ARCHITECTURE: placed.architecture}
    if TAG_VALUE.match(placed.uri):
        tags[SDK_SOURCE] = placed.uri
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    around = wanted.around
    network = {
        "subnetIds": list(around.subnets),
        "securityGroupIds": list(around.security_groups),
    }
    return {
        "jobName": job,
        "importedModelName": wanted.name,
        "roleArn": role.arn,
        "modelDataSource": {"s3DataSource": {"s3Uri": placed.uri}},
        "jobTags": listed,
        "importedModelTags": listed,
        "clientRequestToken": job,
        **({"importedModelKmsKeyId": around.kms_key} if around.kms_key else {}),
        **({"vpcConfig": network} if around.subnets else {}),
    }


def create(context: Context, request: Mapping[str, Any]) -> None:
    """Create an import job; one whose answer was lost is there.

    Raises:
        MlccError: the model's name is taken.
        PlatformError: a quota is exhausted, or Bedrock refuses.
    """
    doing = f"import the model {request['importedModelName']}"

    def taken(words: str) -> MlccError:
        return _taken(str(request["importedModelName"]), words)

    def refused(words: str) -> MlccError:
        if TAKEN.search(words):
            return taken(words)
        return PlatformError(
            f"Cannot {doing}: {first_line(words)}",
            where="AWS permissions" if PERMISSION.search(words) else None,
            hint=BOOTSTRAP if PERMISSION.search(words) else "run the same command again later",
        )

    errors = {
        "ConflictException": taken,
        "ValidationException": refused,
        "ServiceQuotaExceededException": lambda words: quota(doing, words, region_of(context)),
        "LimitExceededException": lambda words: quota(doing, words, region_of(context)),
    }
    try:
        with aws_call(doing, "bedrock:CreateModelImportJob", errors):
            client(context, "bedrock").create_model_import_job(**request)
    except MlccError:
        if describe_job(context, str(request["jobName"])) is None:
            raise


def _taken(name: str, words: str) -> MlccError:
    return MlccError(
        f"The name {name!r} is taken in Bedrock: {first_line(words)}",
        where="--name",
        hint="choose another --name; aws bedrock list-imported-models shows those that are taken",
    )


def quota(doing: str, words: str, region: str) -> PlatformError:
    """Return the error for a quota of Bedrock that is exhausted."""
    return PlatformError(
        f"Cannot {doing}: a quota of Bedrock is exhausted: {first_line(words)}",
        where="AWS quotas",
        hint="mlcc undeploy removes this project's models; ask for more: "
        f"https://{region}.console.aws.amazon.com/servicequotas/home/services/bedrock/quotas",
    )


def wait(context: Context, name: str, job: str, seconds: float) -> Mapping[str, Any]:
    """Wait until an import has completed, and return its job; arguments as of :func:`ended`.

    Raises:
        MlccError: it failed because of the model.
        PlatformError: it failed for another reason, or takes too long.
    """
    there = ended(context, name, job, seconds)
    if there["status"] == "Failed":
        raise _failed(name, there)
    return there


def ended(context: Context, name: str, job: str, seconds: float) -> Mapping[str, Any]:
    """Wait until an import has completed or failed, and return its job.

    Args:
        context: the surroundings; its ``say`` is told how it goes.
        name: of the model.
        job: the job's name.
        seconds: between two looks.

    Raises:
        PlatformError: it takes too long, or is gone.
    """
    began = time.monotonic()
    told = None
    while True:
        there = patiently(context, lambda: describe_job(context, job), began + PATIENCE)
        if there is None:
            raise PlatformError(f"The import job {job} has disappeared.", hint="./do/adapter list")
        if there["status"] != "InProgress":
            return there
        now = time.monotonic()
        if told is None:
            context.say(f"⏳ Bedrock imports {name} (job {job}): this takes minutes.")
            told = now
        elif now - told >= SPOKEN_SECONDS:
            context.say(f"⏳ Bedrock imports {name}, for {now - began:.0f} s now.")
            told = now
        if now - began > PATIENCE:
            raise PlatformError(
                f"The import of {name} has not ended after {PATIENCE / 60:.0f} minutes; it goes "
                "on.",
                hint="run the same command again: it goes on waiting",
            )
        time.sleep(seconds)


def _failed(name: str, job: Mapping[str, Any]) -> MlccError:
    """Return the error for an import that failed: a permission, AWS's own fault, or the model."""
    words = first_line(str(job.get("failureMessage") or "no reason was given"))
    what = f"The import of {name} failed (job {job['jobName']}): {words}"
    if PERMISSION.search(words):
        return PlatformError(what, where="AWS permissions", hint=BOOTSTRAP)
    if OF_AWS.search(words):
        return PlatformError(what, hint="run the same command again later")
    return MlccError(what, where="--from-tune", hint="mlcc deploy --help")
