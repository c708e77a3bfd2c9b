"""Reading one S3 object by ranges."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, BinaryIO

from mlcc_aws.sessions import attempts_of
from mlcc_core.helpers import open_ranged

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError
    from mypy_boto3_s3 import S3Client

WAITS = (0.2, 1.0, 4.0)
"""Seconds before each further try when a body broke off without bringing anything."""

PIECE_BYTES = 1 << 20
"""Bytes that are taken from a connection at once."""


def open_object(
    client: S3Client,
    bucket: str,
    key: str,
    size: int,
    etag: str,
    guard: Callable[[], AbstractContextManager[None]],
) -> BinaryIO:
    """A seekable reader of one object, as it was when it had this ETag.

    A body that breaks off is asked for again from where it stopped.

    Args:
        client: reads the object.
        bucket: its bucket.
        key: its key.
        size: its bytes, as listed.
        etag: as listed; S3 refuses (``PreconditionFailed``) what has changed since.
        guard: surrounds each request and turns the SDK's errors into the user's.
    """
    if not size:
        return io.BytesIO()

    def fetch(start: int, end: int) -> bytes:
        got = bytearray()
        with guard():
            waits = iter(WAITS)
            while len(got) < end - start:
                before = len(got)
                problem = _receive(client, bucket, key, etag, start, end, got)
                if len(got) > before:
                    waits = iter(WAITS)
                elif (wait := next(waits, None)) is not None:
                    time.sleep(wait)
                else:
                    raise problem
        return bytes(got)

    return open_ranged(size, fetch)


def read_object(client: S3Client, bucket: str, key: str, limit: int | None = None) -> bytes:
    """Read a small object, again if its body breaks off.

    Args:
        client: reads the object.
        bucket: its bucket.
        key: its key.
        limit: bytes that are read at most.

    Raises:
        botocore.exceptions.ClientError: S3 refuses.
        botocore.exceptions.BotoCoreError: it broke off each time.
    """
    from botocore.exceptions import HTTPClientError, IncompleteReadError

    for wait in (*WAITS[: attempts_of(client) - 1], None):
        answer = client.get_object(Bucket=bucket, Key=key)
        size = answer["ContentLength"]
        expected = size if limit is None else min(size, limit)
        try:
            with closing(answer["Body"]) as body:
                data: bytes = body.read(limit)
            if len(data) < expected:
                raise IncompleteReadError(actual_bytes=len(data), expected_bytes=expected)
        except (HTTPClientError, IncompleteReadError):
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return data
    raise AssertionError("the last try returns or raises")


def _receive(
    client: S3Client, bucket: str, key: str, etag: str, start: int, end: int, got: bytearray
) -> BotoCoreError:
    """One request for what is missing; adds what arrives to ``got``.

    Returns what broke it off, or what there is to say if nothing more comes.
    """
    from botocore.exceptions import HTTPClientError, IncompleteReadError

    answer = client.get_object(
        Bucket=bucket, Key=key, IfMatch=etag, Range=f"bytes={start + len(got)}-{end - 1}"
    )
    with closing(answer["Body"]) as body:
        try:
            while piece := body.read(PIECE_BYTES):
                got += piece
        except (HTTPClientError, IncompleteReadError) as error:
            return error
    return IncompleteReadError(actual_bytes=start + len(got), expected_bytes=end)
