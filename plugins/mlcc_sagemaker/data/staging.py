"""Staged datasets in S3: ``<project>/datasets/<key>.jsonl`` with its record beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError, PlatformError, Sink, Staged
from mlcc_sagemaker.aws.account import bucket_of, kms_key_of, split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found

if TYPE_CHECKING:
    from mlcc_aws.uploads import ObjectWriter

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
IN_PLACE = ".jsonl"
"""The only suffix that jobs read as lines, as the SageMaker SDK says."""

FORGOTTEN = timedelta(hours=1)
"""Age from which an unfinished upload of the same dataset counts as abandoned."""


class S3Sink(Sink):
    """Uploads while it is written to; commits the data, then the record that makes it count."""

    def __init__(self, context: Context, writer: ObjectWriter, key: str) -> None:
        self.file: BinaryIO = cast("BinaryIO", writer)
        self._context = context
        self._writer = writer
        self._key = key

    def commit(self, record: Mapping[str, object]) -> str:
        writer = self._writer
        converted = record.get("bytes")
        if converted not in (None, writer.size):
            raise PlatformError(
                f"{writer.size:,} bytes were staged, the conversion wrote {converted:,}."
            )
        etag = writer.finish()
        document = {**record, "bytes": writer.size, "etag": etag}
        _put_record(self._context, writer.bucket, record_key(writer.key), document)
        return f"s3://{writer.bucket}/{writer.key}"


def find_staged(context: Context, key: str) -> Staged | None:
    """The dataset of that key, if data and record are there and belong together."""
    bucket, name = bucket_of(context), dataset_key(context, key)
    record = _read_record(context, bucket, record_key(name))
    if record is None or not isinstance(record.get("rows"), int):
        return None
    uri = f"s3://{bucket}/{name}"
    head = found(
        lambda: client(context, "s3").head_object(Bucket=bucket, Key=name),
        f"look for {uri}",
        f"s3:GetObject on arn:aws:s3:::{bucket}/{name}",
    )
    if head is None or (head["ContentLength"], head["ETag"]) != (record["bytes"], record["etag"]):
        return None
    return Staged(uri, record["rows"], record)


@contextmanager
def stage(context: Context, key: str) -> Iterator[S3Sink]:
    """A sink for ``key``; leaving without a commit leaves nothing behind.

    Raises:
        PlatformError: it cannot be written.
    """
    bucket, name = bucket_of(context), dataset_key(context, key)
    _abort_forgotten(context, bucket, name)
    writer = open_writer(context, bucket, name, "application/x-ndjson")
    try:
        yield S3Sink(context, writer, name)
    finally:
        writer.abort()


def open_writer(
    context: Context,
    bucket: str,
    key: str,
    content_type: str,
    metadata: Mapping[str, str] | None = None,
) -> ObjectWriter:
    """A streamed upload, encrypted on the server's side, with metadata of the object's own."""
    from mlcc_aws.uploads import ObjectWriter

    doing, action = f"write s3://{bucket}/{key}", f"s3:PutObject on arn:aws:s3:::{bucket}/{key}"

    def guard() -> AbstractContextManager[None]:
        return aws_call(doing, action, {"NoSuchBucket": lambda words: no_bucket(bucket)})

    with guard():
        s3 = client(context, "s3")
    settings: dict[str, object] = {"ContentType": content_type, **encryption(context)}
    if metadata:
        settings["Metadata"] = dict(metadata)
    return ObjectWriter(s3, bucket, key, guard, settings)


def open_staged(context: Context, uri: str) -> BinaryIO:
    """A reader of the dataset at ``uri``, from its first byte, by ranges.

    Raises:
        PlatformError: it is not there any more, or cannot be read.
    """
    from mlcc_aws.objects import open_object

    bucket, key = split_uri(uri)
    doing, action = f"read {uri}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"
    gone = {"missing": lambda words: PlatformError(f"The dataset {uri} is gone.")}
    with aws_call(doing, action, gone):
        s3 = client(context, "s3")
        head = s3.head_object(Bucket=bucket, Key=key)
    return open_object(
        s3, bucket, key, head["ContentLength"], head["ETag"], lambda: aws_call(doing, action, gone)
    )


def encryption(context: Context) -> dict[str, str]:
    """Return how objects are encrypted: by the user's key, if there is one, else by S3's own."""
    kms = kms_key_of(context)
    if kms:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms}
    return {"ServerSideEncryption": "AES256"}


def dataset_key(context: Context, key: str) -> str:
    """Return the key of the dataset of that content address in the bucket."""
    if not KEY.match(key):
        raise MlccError(f"{key!r} is not a key for a staged dataset.")
    return f"{context.project}/datasets/{key}{IN_PLACE}"


def record_key(key: str) -> str:
    """Return the key of a dataset's record.

    A job reads every key that begins like its dataset's, so the record must not.
    """
    return f"{key.removesuffix(IN_PLACE)}.record.json"


def no_bucket(bucket: str) -> PlatformError:
    """The error for a bucket that is not there."""
    return PlatformError(f"The bucket {bucket} does not exist.", hint="mlcc bootstrap")


def _put_record(context: Context, bucket: str, key: str, record: Mapping[str, object]) -> None:
    from mlcc_aws.uploads import checksum

    data = json.dumps(record, ensure_ascii=False, indent=2).encode()
    with aws_call(f"write s3://{bucket}/{key}", f"s3:PutObject on arn:aws:s3:::{bucket}/{key}"):
        client(context, "s3").put_object(
            Bucket=bucket,
            Key=key,
            Body=data,
            ContentType="application/json",
            ChecksumSHA256=checksum(data),
            **encryption(context),
        )


def _read_record(context: Context, bucket: str, key: str) -> dict[str, Any] | None:
    def read() -> bytes:
        return read_object(client(context, "s3"), bucket, key)

    data = found(
        read, f"look for s3://{bucket}/{key}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"
    )
    if data is None:
        return None
    with suppress(ValueError):
        record = json.loads(data)
        if isinstance(record, dict) and {"bytes", "etag"} <= record.keys():
            return record
    return None


def _abort_forgotten(context: Context, bucket: str, key: str) -> None:
    """Abort uploads of this very dataset that killed processes left behind.

    The bucket's rules do the rest after a day.
    """
    with suppress(PlatformError), aws_call(f"clean s3://{bucket}/{key}", "s3:AbortMultipartUpload"):
        s3 = client(context, "s3")
        uploads = s3.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", ())
        for upload in uploads:
            if datetime.now(UTC) - upload["Initiated"] > FORGOTTEN:
                s3.abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
