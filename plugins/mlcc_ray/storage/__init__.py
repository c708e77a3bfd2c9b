"""The storage that a Ray cluster and the user's machine share: ``file://`` or ``s3://``.

::

    storage = open_storage("file:///shared/mlcc")
    storage.write("jobs/a/request.json", b"{}")
    storage.upload(Path("outputs/a"), "jobs/a/output")
    storage.names("jobs/a")          # ["jobs/a/output/adapter.safetensors", "jobs/a/request.json"]
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from mlcc_core import MlccError
from mlcc_ray.storage.bucket import BucketStorage
from mlcc_ray.storage.folder import FolderStorage
from mlcc_ray.storage.storage import NotThere, Storage, Writer

__all__ = ["BucketStorage", "FolderStorage", "NotThere", "Storage", "Writer", "open_storage"]

WHERE = "RAY_STORAGE"
EXPECTED = "file:///shared/folder or s3://bucket/prefix"

BUCKET = re.compile(r"[A-Za-z0-9._-]+\Z")
S3_LIKE = re.compile(r"s3[an]?://(?P<bucket>[A-Za-z0-9._-]+)(?P<prefix>/[A-Za-z0-9._/-]*)?\Z")


def open_storage(uri: str, settings: Mapping[str, str] | None = None) -> Storage:
    """Return the storage at a URI; nothing is read or written yet.

    Args:
        uri: ``file:///shared/folder`` or ``s3://bucket/prefix``.
        settings: environment and project, for AWS (``AWS_PROFILE``, ``AWS_REGION``,
            ``AWS_ENDPOINT_URL``); the process's environment by default.

    Raises:
        MlccError: the URI is neither.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise _refused(uri) from None
    path = unquote(parts.path)
    if parts.query or parts.fragment or "\0" in path:
        raise _refused(uri)
    if parts.scheme == "s3" and BUCKET.match(parts.netloc):
        prefix = parts.path.strip("/")
        return BucketStorage(parts.netloc, prefix, os.environ if settings is None else settings)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and path.startswith("/"):
        return FolderStorage(Path(os.path.normpath(path)))
    raise _refused(uri)


def _refused(uri: str) -> MlccError:
    """Return the error for a URI that is none of ours; what may be secret in it is not shown."""
    before, _, _ = uri.partition("?")
    scheme, mark, rest = before.partition("://")
    host, slash, path = rest.partition("/")
    shown = f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"
    return MlccError(
        f"{shown!r} is not a storage that a Ray cluster can share, expected {EXPECTED}"
        f"{'' if shown == uri else ' alone'}.",
        where=WHERE,
        hint=f"export {WHERE}={_meant(before)}",
    )


def _meant(uri: str) -> str:
    """Return a storage that is one: of a path, the URI for it."""
    if uri.startswith("/"):
        return Path(uri).as_uri()
    if uri.startswith("file:///"):
        return f"file://{quote(unquote(uri.removeprefix('file://')))}"
    if match := S3_LIKE.match(uri):
        return f"s3://{match['bucket']}{match['prefix'] or ''}"
    return "s3://bucket/prefix" if uri.startswith("s3") else "file:///shared/mlcc"
