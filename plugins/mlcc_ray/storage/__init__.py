"""The storage that a Ray cluster and the user's machine share: ``file://`` or ``s3://``.

::

    storage = open_storage("file:///shared/mlcc")
    storage.write("jobs/a/request.json", b"{}")
    storage.upload(Path("outputs/a"), "jobs/a/output")
    storage.names("jobs/a")          # ["jobs/a/output/adapter.safetensors", "jobs/a/request.json"]
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlcc_core import MlccError
from mlcc_ray.storage.bucket import BucketStorage
from mlcc_ray.storage.folder import FolderStorage
from mlcc_ray.storage.storage import NotThere, Storage, Writer

__all__ = ["BucketStorage", "FolderStorage", "NotThere", "Storage", "Writer", "open_storage"]

WHERE = "RAY_STORAGE"
EXPECTED = "file:///shared/folder or s3://bucket/prefix"


def open_storage(uri: str, settings: Mapping[str, str] | None = None) -> Storage:
    """Return the storage at a URI; nothing is read or written yet.

    Args:
        uri: ``file:///shared/folder`` or ``s3://bucket/prefix``.
        settings: environment and project, for AWS (``AWS_PROFILE``, ``AWS_REGION``,
            ``AWS_ENDPOINT_URL``); the process's environment by default.

    Raises:
        MlccError: the URI is neither.
    """
    parts = urlsplit(uri)
    if parts.scheme == "s3" and parts.netloc and not parts.query and not parts.fragment:
        prefix = parts.path.strip("/")
        return BucketStorage(parts.netloc, prefix, os.environ if settings is None else settings)
    path = unquote(parts.path)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and path.startswith("/"):
        return FolderStorage(Path(os.path.normpath(path)))
    raise MlccError(
        f"{uri!r} is not a storage that a Ray cluster can share, expected {EXPECTED}.",
        where=WHERE,
        hint=_mended(uri),
    )


def _mended(uri: str) -> str:
    """Return a setting that is one: of a path, the URI for it."""
    if uri.startswith("/"):
        return f"{WHERE}={Path(uri).as_uri()}"
    return f"{WHERE}=file:///shared/mlcc"
