"""An adapter as a flat ``adapter.tar.gz``, streamed from S3 to S3."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from typing import BinaryIO, cast

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import bucket_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.data.staging import open_writer
from mlcc_sagemaker.serving.artifacts import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    Folder,
    Stored,
    read_json,
)

ARCHIVE = "adapter.tar.gz"
LEVEL = 1
"""Weights hardly compress; more effort would only cost time."""


def pack(context: Context, adapter: Folder) -> str:
    """Pack the adapter's files, without folders, unless just these are packed already.

    At most a few parts of the upload are in memory at a time, whatever the size of the weights.

    Returns:
        The archive's URI; its key follows from the files.

    Raises:
        MlccError: the folder's files are not a whole LoRA adapter for the project's model.
        PlatformError: it cannot be read or written.
    """
    _check(context, adapter)
    uri = packed_uri(context, adapter)
    bucket, key = split_uri(uri)
    there = found(
        lambda: client(context, "s3").head_object(Bucket=bucket, Key=key),
        f"look for {uri}",
        f"s3:GetObject on arn:aws:s3:::{bucket}/{key}",
    )
    if there is None:
        _write(context, adapter, bucket, key)
    return uri


def packed_uri(context: Context, adapter: Folder) -> str:
    """Return the URI of the adapter's archive, which changes with its files."""
    return f"s3://{bucket_of(context)}/{context.project}/adapters/{_digest(adapter)}/{ARCHIVE}"


def _check(context: Context, adapter: Folder) -> None:
    by_name = {_name(file): file for file in adapter.files}
    if ADAPTER_WEIGHTS not in by_name:
        raise MlccError(
            f"{adapter.uri} is not a whole LoRA adapter: {ADAPTER_WEIGHTS} is missing.",
            where="--weights",
            hint=f"aws s3 ls {adapter.uri}",
        )
    config = read_json(context, adapter.bucket, by_name[ADAPTER_CONFIG])
    kind = str(config.get("peft_type", "LORA")).upper()
    if kind != "LORA":
        raise MlccError(f"{adapter.uri} holds a {kind} adapter, expected LORA.", where="--weights")
    base = str(config.get("base_model_name_or_path") or "")
    model = context.settings.get("MODEL_ID", "")
    trained_on, serves = context.catalog_id(base), context.catalog_id(model)
    # What is still a path or a Hub id is none of the catalog's models, and says nothing.
    if base and model and "/" not in trained_on and trained_on != serves:
        raise MlccError(
            f"{adapter.uri} belongs to {trained_on}, the project deploys {serves}.",
            where="--weights",
            hint=f"set MODEL_ID={trained_on} in do/config, and deploy it",
        )


def _digest(adapter: Folder) -> str:
    text = "\n".join(f"{_name(f)} {f.size} {f.etag}" for f in sorted(adapter.files, key=_name))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(context: Context, adapter: Folder, bucket: str, key: str) -> None:
    from mlcc_aws.objects import open_object

    writer = open_writer(context, bucket, key, "application/gzip")
    with aws_call(f"read {adapter.uri}", "s3:GetObject"):
        s3 = client(context, "s3")
    try:
        with (
            gzip.GzipFile("", "wb", LEVEL, cast("BinaryIO", writer), mtime=0) as stream,
            tarfile.open(fileobj=stream, mode="w|") as archive,
        ):
            for file in sorted(adapter.files, key=_name):
                doing = f"read s3://{adapter.bucket}/{file.key}"
                with open_object(
                    s3,
                    adapter.bucket,
                    file.key,
                    file.size,
                    file.etag,
                    lambda doing=doing: aws_call(doing, "s3:GetObject"),  # type: ignore[misc]
                ) as reader:
                    archive.addfile(_member(file), reader)
        writer.finish()
    finally:
        writer.abort()


def _member(file: Stored) -> tarfile.TarInfo:
    member = tarfile.TarInfo(_name(file))
    member.size = file.size
    return member


def _name(file: Stored) -> str:
    return file.key.rpartition("/")[2]
