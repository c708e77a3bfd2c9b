"""An adapter as a flat ``adapter.tar.gz``, streamed to S3 from where its files are."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import known_bucket, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.data.staging import open_writer
from mlcc_sagemaker.serving.own.names import contradicts
from mlcc_sagemaker.serving.weights import hints
from mlcc_sagemaker.serving.weights.artifacts import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    Folder,
    Stored,
    read_json,
)

ARCHIVE = "adapter.tar.gz"
LEVEL = 1
"""Weights hardly compress; more effort would only cost time."""


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """The files of an adapter, wherever they are.

    Attributes:
        place: for people: the folder, on this machine or in S3.
        bucket: where they are packed to.
        digest: changes with their contents.
        sizes: bytes by file name.
        config: reads PEFT's description of the adapter.
        open: opens one of them.
        look: the command that shows them.
    """

    place: str
    bucket: str
    digest: str
    sizes: Mapping[str, int]
    config: Callable[[], Mapping[str, Any]]
    open: Callable[[str], BinaryIO]
    look: str


def files_in_s3(context: Context, folder: Folder) -> AdapterFiles:
    """Return the files of a folder in S3.

    They are packed to the tune bucket, or beside them where a project has none: a run may have
    left its output in a bucket that was named for it alone.
    """
    by_name = {_name(file): file for file in folder.files}
    text = "\n".join(
        f"{name} {by_name[name].size} {by_name[name].etag}" for name in sorted(by_name)
    )

    def open_file(name: str) -> BinaryIO:
        from mlcc_aws.objects import open_object

        file, doing = by_name[name], f"read s3://{folder.bucket}/{by_name[name].key}"
        with aws_call(doing, "s3:GetObject"):
            s3 = client(context, "s3")
        guard = lambda: aws_call(doing, "s3:GetObject")  # noqa: E731
        return open_object(s3, folder.bucket, file.key, file.size, file.etag, guard)

    return AdapterFiles(
        place=folder.uri,
        bucket=known_bucket(context) or folder.bucket,
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        sizes={name: file.size for name, file in by_name.items()},
        config=lambda: read_json(context, folder.bucket, by_name[ADAPTER_CONFIG]),
        open=open_file,
        look=hints.stored(folder.uri),
    )


def packed_uri(context: Context, adapter: AdapterFiles) -> str:
    """Return the URI of the adapter's archive, which changes with its files."""
    return f"s3://{adapter.bucket}/{context.project}/adapters/{adapter.digest}/{ARCHIVE}"


def pack(context: Context, adapter: AdapterFiles) -> str:
    """Pack the adapter's files, without folders, unless just these are packed already.

    At most a few parts of the upload are in memory at a time, whatever the size of the weights.

    Returns:
        The archive's URI; its key follows from the files.

    Raises:
        PlatformError: it cannot be read or written.
    """
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


def check_adapter(context: Context, adapter: AdapterFiles) -> None:
    """Refuse files that are not a whole LoRA adapter for the project's model.

    Raises:
        MlccError: they are not; the hint says what would do.
    """
    if ADAPTER_WEIGHTS not in adapter.sizes:
        raise MlccError(
            f"{adapter.place} is not a whole LoRA adapter: {ADAPTER_WEIGHTS} is missing.",
            where="--weights",
            hint=adapter.look,
        )
    config = adapter.config()
    kind = str(config.get("peft_type", "LORA")).upper()
    if kind != "LORA":
        raise MlccError(
            f"{adapter.place} holds a {kind} adapter, expected LORA.", where="--weights"
        )
    base = str(config.get("base_model_name_or_path") or "")
    serves = context.catalog_id(context.settings.get("MODEL_ID", ""))
    if contradicts(context, base, serves):
        trained_on = context.catalog_id(base)
        raise MlccError(
            f"{adapter.place} belongs to {trained_on}, the project deploys {serves}.",
            where="--weights",
            hint=f"set MODEL_ID={trained_on} in do/config, and deploy it",
        )


def _write(context: Context, adapter: AdapterFiles, bucket: str, key: str) -> None:
    writer = open_writer(context, bucket, key, "application/gzip")
    try:
        with (
            gzip.GzipFile("", "wb", LEVEL, cast("BinaryIO", writer), mtime=0) as stream,
            tarfile.open(fileobj=stream, mode="w|") as archive,
        ):
            for name in sorted(adapter.sizes):
                member = tarfile.TarInfo(name)
                member.size = adapter.sizes[name]
                with adapter.open(name) as reader:
                    archive.addfile(member, reader)
        writer.finish()
    finally:
        writer.abort()


def _name(file: Stored) -> str:
    return file.key.rpartition("/")[2]
