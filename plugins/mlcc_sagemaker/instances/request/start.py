"""The output of an earlier run in S3, which a job goes on from: of either platform, or a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlcc_aws.objects import read_object
from mlcc_core import Ancestor, Context, JobNotFound, MlccError, Output, Start
from mlcc_engine.base import bases
from mlcc_engine.hub.names import parse
from mlcc_engine.model.model_folder import ADAPTER_CONFIG
from mlcc_engine.model.models import BUILT_IN
from mlcc_engine.start import lineage
from mlcc_folders.model.models import PATH_STARTS
from mlcc_folders.serving.weights import adapter_config
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.instances.request.listed import fingerprint_of
from mlcc_sagemaker.job.reported_spec import model_of_job
from mlcc_sagemaker.request.chain.source import OUTPUT, PACKAGE
from mlcc_sagemaker.serving.weights import hints
from mlcc_sagemaker.serving.weights.artifacts import USUAL, Folder, find_folders

NAMED = "pass --model ORG/NAME   # the model that it was trained on"

SMALL = (ADAPTER_CONFIG, bases.FILE, lineage.FILE)
"""Documents of an output that tell where it comes from."""


def find_start(context: Context, path: str, model: str | None) -> Start:
    """Look at an earlier output in S3; nothing is created, and no weights are downloaded.

    Args:
        context: the surroundings of the project.
        path: its URI, or that of a job's whole output.
        model: the base that the user names for an adapter; ``None``: the one that it names.

    Raises:
        MlccError: it is not in S3, holds neither adapter nor model, or its base is named nowhere.
        PlatformError: it cannot be looked at.
    """
    if PACKAGE.match(path):
        raise MlccError(
            f"{path} is a model package, from which serverless jobs go on: expected the S3 URI of "
            "its weights.",
            hint=f"aws sagemaker describe-model-package --model-package-name {path}",
        )
    if not path.startswith("s3://"):
        raise MlccError(
            f"{path!r} is not in S3, where training jobs read what they go on from.",
            hint=hints.brought(path, "--from-weights"),
        )
    folder = _folder_of(context, path)
    mark = fingerprint_of(folder)
    with documents_of(context, folder) as documents:
        output = Output(folder.kind, folder.uri)
        if folder.kind == "model":
            return _start(output, folder.uri, mark, documents)
        base = model or _base_of(context, folder, documents)
        return _start(output, base, mark, documents)


@contextmanager
def documents_of(context: Context, folder: Folder) -> Iterator[Path]:
    """Bring the small documents of an output to a folder of this machine, while inside.

    Raises:
        PlatformError: one cannot be read.
    """
    with TemporaryDirectory(prefix="mlcc-start-") as kept:
        for file in folder.files:
            name = file.key.rpartition("/")[2]
            if name in SMALL:
                action = f"s3:GetObject on arn:aws:s3:::{folder.bucket}/{file.key}"
                with aws_call(f"read s3://{folder.bucket}/{file.key}", action):
                    data = read_object(client(context, "s3"), folder.bucket, file.key)
                (Path(kept) / name).write_bytes(data)
        yield Path(kept)


def folder_at(context: Context, uri: str) -> Folder:
    """Return the very folder that :func:`find_start` found.

    Raises:
        MlccError: it is gone.
    """
    found = next((each for each in find_folders(context, uri) if each.uri == uri), None)
    if found is None:
        raise MlccError(f"The start {uri} is gone.", hint="mlcc runs list")
    return found


def _folder_of(context: Context, path: str) -> Folder:
    """Return the one folder below a URI that holds an adapter, else a model."""
    found = find_folders(context, path)
    exact = [each for each in found if each.uri.rstrip("/") == path.rstrip("/")]
    for kind in ("adapter", "model"):
        fitting = exact or [each for each in found if each.kind == kind]
        usual = [each for each in fitting if each.prefix.endswith(USUAL[kind])]
        if len(fitting) == 1 or len(usual) == 1:
            return (usual or fitting)[0]
        if fitting:
            raise MlccError(
                f"{path} holds several {kind}s.",
                detail=[each.uri for each in fitting[:10]],
                hint=f"name one of them: {fitting[0].uri}",
            )
    raise MlccError(
        f"{path} holds neither a LoRA adapter nor a model, expected {ADAPTER_CONFIG} or "
        "config.json beside safetensors files.",
        hint=hints.stored(path),
    )


def _start(output: Output, model: str, mark: str, documents: Path) -> Start:
    written = lineage.read(documents)
    job = written.job if written else _job_in(output.path)
    own = Ancestor(output.kind, output.path, mark, job, written.technique if written else None)
    return Start(output, model, mark, (*(written.ancestors if written else ()), own))


def _job_in(uri: str) -> str | None:
    match = OUTPUT.match(uri)
    return None if match is None else match["job"]


def _base_of(context: Context, folder: Folder, documents: Path) -> str:
    """Return the base of an adapter, by the first of its names that a job can have.

    Raises:
        MlccError: it is named nowhere.
    """
    for name in _names_of(context, folder, documents):
        if name in BUILT_IN or name.startswith("s3://"):
            return name
        if not name.startswith(PATH_STARTS) and parse(name) is not None:
            return name
    raise MlccError(f"The base model of the adapter {folder.uri} is named nowhere.", hint=NAMED)


def _names_of(context: Context, folder: Folder, documents: Path) -> Iterator[str]:
    """Yield what the output, the job that made it, and its config call its base."""
    record = bases.read(documents) or {}
    config = adapter_config(documents).get("base_model_name_or_path")
    named = (record.get("asked"), record.get("hub_id"), *_of_job(context, folder.uri))
    for name in (*named, None if record.get("folder") else config):
        if isinstance(name, str) and name:
            yield name


def _of_job(context: Context, uri: str) -> Iterator[str | None]:
    """Yield what the job that left an output began with, where it is still known."""
    from mlcc_sagemaker.job.jobs import read_description

    job = _job_in(uri)
    if job is None:
        return
    try:
        description: Mapping[str, Any] = read_description(context, job)
    except JobNotFound:
        return
    if description.get("ServerlessJobConfig"):
        yield context.hub_id(model_of_job(description))
    else:
        yield (description.get("HyperParameters") or {}).get("model")
