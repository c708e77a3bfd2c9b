"""The form of an ``s3://`` URI."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlcc_core import MlccError
from mlcc_core.helpers import split_query

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
"""S3's rule for bucket names."""


@dataclass(frozen=True, slots=True)
class S3Uri:
    """A parsed URI: the key is taken as it stands, %-signs and question marks included."""

    bucket: str
    key: str
    file: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def parse(text: str) -> S3Uri:
    """Take an ``s3://`` URI apart.

    Raises:
        MlccError: there is no valid bucket name in it.
    """
    place, mark, query = text.removeprefix("s3://").partition("?file=")
    file = split_query(f"?file={query}", ("file",))[1]["file"] if mark else None
    bucket, _, key = place.partition("/")
    if not BUCKET.match(bucket):
        raise MlccError(
            f"Dataset URI {text!r} cannot be read: {bucket!r} is not a bucket name.",
            where="--dataset",
            hint="use s3://bucket/key-or-prefix",
        )
    return S3Uri(bucket, key, file)
