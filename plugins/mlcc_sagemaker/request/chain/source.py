"""The model package that an earlier job left, which the next job goes on from.

An output in S3 leads to its job by its path, and the job names the package. A package leads to the
job that made it by the place of its weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_core import Ancestor, Context, JobNotFound, MlccError, Output, PlatformError, Start
from mlcc_sagemaker.aws.account import region_of
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.request.hub import read_model

PACKAGE = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]{9,16}):\d{12}:model-package/\S{1,2048}\Z"
)
OUTPUT = re.compile(r"s3://\S+?/(?P<job>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})/output(?:/|\Z)")
"""The output of a job: below its name, and a word of SageMaker's own."""

LORA = "LORA"
SHAPE = ("lora_rank", "lora_alpha")


@dataclass(frozen=True, slots=True)
class Source:
    """A model package that a job can go on from.

    Attributes:
        arn: of the package.
        base: the hub's name of the model that it was made of.
        technique: as the service has it; empty where nothing tells.
        lora: it was trained with LoRA.
        fingerprint: of its files.
        shape: rank and alpha of the adapter, where its job is still known.
    """

    arn: str
    base: str
    technique: str
    lora: bool
    fingerprint: str
    shape: Mapping[str, str]

    def start(self) -> Start:
        """Return it as the core has it."""
        output = Output("adapter", self.arn)
        lineage = (Ancestor(output.kind, self.arn, self.fingerprint),)
        return Start(output, self.base, self.fingerprint, lineage)


def find_start(context: Context, path: str) -> Start:
    """Look at an earlier output; nothing is created.

    Args:
        context: the surroundings of the project.
        path: the place of a job's output in S3, or a model package's ARN.

    Raises:
        MlccError: it is neither, it is gone, or SageMaker does not go on from it.
        PlatformError: it cannot be looked at.
    """
    source = read_source(context, path if PACKAGE.match(path) else _package_of(context, path))
    if not source.lora:
        raise MlccError(
            f"{path} was trained with full-rank: SageMaker goes on from LoRA adapters only."
        )
    return source.start()


def read_source(context: Context, arn: str) -> Source:
    """Read all that a job has to know of a package.

    Raises:
        MlccError: it is not there, in another region, not complete, or no customized model
            of the hub.
        PlatformError: it cannot be looked at.
    """

    def missing(words: str) -> MlccError:
        return MlccError(f"There is no model package {arn}.", detail=(words,))

    match = PACKAGE.match(arn)
    region = region_of(context)
    if match is not None and match["region"] != region:
        raise MlccError(f"{arn} is not in {region}, where the job runs.")
    with aws_call(f"look at {arn}", "sagemaker:DescribeModelPackage", {"missing": missing}):
        package = client(context, "sagemaker").describe_model_package(ModelPackageName=arn)
    if package.get("ModelPackageStatus") != "Completed":
        raise MlccError(f"{arn} is {package.get('ModelPackageStatus')}: expected Completed.")
    container = ((package.get("InferenceSpecification") or {}).get("Containers") or [{}])[0]
    base = container.get("BaseModel") or {}
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    uri = str(source.get("S3Uri") or "")
    if not base.get("HubContentName") or not uri:
        raise MlccError(
            f"{arn} names no model of the hub that it was made of: SageMaker goes on from "
            "packages that its customization jobs left."
        )
    job = _job_of(context, arn, uri)
    config = job.get("ServerlessJobConfig") or _recipe_of(context, base)
    given = job.get("HyperParameters") or {}
    lora = str(config.get("Peft") or "").upper() == LORA
    return Source(
        arn=arn,
        base=str(base["HubContentName"]),
        technique=str(config.get("CustomizationTechnique") or ""),
        lora=lora,
        fingerprint=_fingerprint(context, arn, uri) if lora else "",
        shape={name: str(given[name]) for name in SHAPE if name in given},
    )


def _package_of(context: Context, path: str) -> str:
    """Return the ARN of the package that the job registered whose output lies at ``path``."""
    from mlcc_sagemaker.job.jobs import read_description

    match = OUTPUT.match(path)
    if match is None:
        raise MlccError(
            f"{path} is neither the output of a SageMaker job nor the ARN of a model package, "
            "from which SageMaker goes on."
        )
    try:
        job = read_description(context, match["job"])
    except JobNotFound:
        raise MlccError(
            f"{path} is the output of no SageMaker job that is still known: there is none named "
            f"{match['job']}."
        ) from None
    artifacts = str((job.get("ModelArtifacts") or {}).get("S3ModelArtifacts") or "").rstrip("/")
    if not artifacts or not f"{path.rstrip('/')}/".startswith(f"{artifacts}/"):
        raise MlccError(
            f"{path} is not what the job {match['job']} left: that is {artifacts or 'nothing'}."
        )
    arn = job.get("OutputModelPackageArn")
    if not arn:
        raise MlccError(
            f"The job {match['job']} registered no model package, from which alone SageMaker "
            "goes on."
        )
    return str(arn)


def _job_of(context: Context, arn: str, uri: str) -> Mapping[str, Any]:
    """Return the job that made a package, as described; nothing where it is not known any more."""
    from mlcc_sagemaker.job.jobs import read_description

    match = OUTPUT.match(uri)
    if match is None:
        return {}
    try:
        job = read_description(context, match["job"])
    except JobNotFound:
        return {}
    return job if job.get("OutputModelPackageArn") == arn else {}


def _recipe_of(context: Context, base: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the recipe by which a package was made, as the hub has it; nothing where it is gone.

    Raises:
        MlccError: the hub does not have the model.
    """
    model = read_model(context, str(base["HubContentName"]))
    named = (r for r in model.recipes if r.get("Name") == base.get("RecipeName"))
    return next(named, {})


def _fingerprint(context: Context, arn: str, uri: str) -> str:
    """Return the fingerprint of an adapter: of its files, as S3 tells them apart.

    Raises:
        MlccError: it is gone.
    """
    from mlcc_sagemaker.serving.weights.artifacts import find_adapter

    try:
        folder = find_adapter(context, uri)
    except PlatformError:
        raise
    except MlccError as error:
        raise MlccError(f"The adapter of {arn} is gone: {error.what}") from None
    files = (
        [folder]
        if isinstance(folder, str)
        else sorted((f.key.removeprefix(folder.prefix), f.size, f.etag) for f in folder.files)
    )
    return hashlib.sha256(json.dumps([arn, files]).encode()).hexdigest()
