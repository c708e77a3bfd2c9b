"""Reading one listed object."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from mlcc_aws.errors import aws_errors, error_code
from mlcc_aws.objects import open_object
from mlcc_aws.sessions import s3_client
from mlcc_core import DatasetFile, MlccError, PlatformError
from mlcc_s3.uri import restored

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


def open_file(file: DatasetFile, settings: Mapping[str, str]) -> BinaryIO:
    """A seekable reader of a listed file; it raises errors for the user while reading too.

    Raises:
        MlccError: the object is archived.
        PlatformError: it may not be read, has changed or gone, or S3 cannot be reached.
    """
    bucket, _, key = file.uri.removeprefix("s3://").partition("/")
    etag, _, _ = file.fingerprint.removeprefix("etag:").partition(" ")

    def gone(error: ClientError) -> MlccError | None:
        code = error_code(error)
        if code in ("NoSuchKey", "PreconditionFailed", "404", "412"):
            return PlatformError(
                f"{file.shown} has changed since it was listed.",
                where=file.shown,
                hint="run the same command again",
            )
        if code == "InvalidObjectState":
            return MlccError(
                f"{file.shown} is archived (Glacier) and cannot be read now.",
                where=file.shown,
                hint=restored(bucket, key),
            )
        return None

    def guard() -> AbstractContextManager[None]:
        return aws_errors(f"read {file.shown}", f"s3:GetObject on arn:aws:s3:::{bucket}/*", gone)

    with guard():
        client = s3_client(settings)
    return open_object(client, bucket, key, file.size or 0, etag, guard)
