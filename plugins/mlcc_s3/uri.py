"""The form of an ``s3://`` URI."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from mlcc_core import MlccError
from mlcc_core.helpers import split_query
from mlcc_core.helpers.hints import hint_kind

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
"""S3's rule for bucket names."""

QUERY_KEYS = ("file", "config", "split")

QUERY = re.compile(r"\?(?=(?:file|config|split)=)")
"""Begins the query; any other question mark is a part of the key."""


@dataclass(frozen=True, slots=True)
class S3Uri:
    """A parsed URI: the key is taken as it stands, %-signs and question marks included.

    Attributes:
        bucket, key: of an object, or of all below a prefix.
        file, config, split: the values of its query.
    """

    bucket: str
    key: str
    file: str | None = None
    config: str | None = None
    split: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def with_parts(self, **parts: str) -> str:
        """Return this dataset's URI with other values in its query, for hints.

        Args:
            parts: ``file``, which stands alone, or ``config`` and ``split``.
        """
        kept = {} if "file" in parts else {"file": self.file, "config": self.config}
        query = "&".join(
            f"{key}={value.replace('%', '%25').replace('&', '%26')}"
            for key, value in {**kept, **parts}.items()
            if value
        )
        return f"{self}{'?' + query if query else ''}"


@hint_kind("what S3 holds")
def listed(uri: S3Uri | str) -> str:
    """Return the command that lists what is at a URI."""
    return f"aws s3 ls {shlex.quote(str(uri))}"


@hint_kind("an archived object, restored")
def restored(bucket: str, key: str) -> str:
    """Return the command that makes an archived object one that can be read."""
    return (
        f"aws s3api restore-object --bucket {bucket} --key {shlex.quote(key)} "
        "--restore-request Days=7"
    )


def parse(text: str) -> S3Uri:
    """Take an ``s3://`` URI apart.

    Raises:
        MlccError: there is no valid bucket name in it.
    """
    address = text.removeprefix("s3://")
    begin = QUERY.search(address)
    place = address[: begin.start()] if begin else address
    values = split_query(address[begin.start() :], QUERY_KEYS)[1] if begin else {}
    bucket, _, key = place.partition("/")
    if not BUCKET.match(bucket):
        raise MlccError(
            f"Dataset URI {text!r} cannot be read: {bucket!r} is not a bucket name.",
            where="--dataset",
            hint="use s3://bucket/key-or-prefix",
        )
    return S3Uri(bucket, key, **values)
