"""Folders of a container and their objects in S3, with the permissions of the job's role."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.aws_account.account import Account, Params
from tests.aws_account.permissions.policies import Need
from tests.aws_account.services.identity import Identity
from tests.aws_account.services.storage import bucket_and_key


class Transfer:
    """Copier between S3 and folders for one role; a problem is a job's ``FailureReason``."""

    def __init__(self, account: Account, identity: Identity, role: str) -> None:
        self._account = account
        self._identity = identity
        self._role = role

    @property
    def _s3(self) -> Any:
        return self._account.client("s3")

    def keys(self, uri: str) -> list[str]:
        """List the keys that begin as ``uri`` says; none where the bucket is not there."""
        from botocore.exceptions import ClientError

        bucket, prefix = bucket_and_key(uri)
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            found = [row["Key"] for page in pages for row in page.get("Contents", [])]
        except ClientError:
            return []
        return [key for key in found if not key.endswith("/")]

    def lacks(self, uri: str, *actions: str) -> str:
        """Tell which of the actions the role may not do with the object at ``uri``, or ""."""
        arn = f"arn:aws:s3:::{'/'.join(bucket_and_key(uri))}"
        return self._identity.lacks(self._role, *(Need(action, arn) for action in actions))

    def cannot_list(self, uri: str) -> str:
        """Tell why the role cannot list what begins so, or ""."""
        bucket, prefix = bucket_and_key(uri)
        need = Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix})
        return self._identity.lacks(self._role, need)

    def fetch(self, uri: str, keys: list[str], into: Path) -> str:
        """Download objects; returns why the role cannot, or ""."""
        bucket, prefix = bucket_and_key(uri)
        into.mkdir(parents=True, exist_ok=True)
        for key in keys:
            if denied := self.lacks(f"s3://{bucket}/{key}", "s3:GetObject"):
                return f"ClientError: Data download failed:Access denied. {denied}"
            path = into / local_name(prefix, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            with path.open("wb") as file:
                shutil.copyfileobj(body, file)
        return ""

    def channel(self, source: Params, into: Path, host: int, hosts: int) -> str:
        """Download a channel for one host of several; returns why it cannot be, or ""."""
        uri = source["S3Uri"]
        if denied := self.cannot_list(uri):
            return f"ClientError: Data download failed:Access denied. {denied}"
        keys = self.keys(uri)
        if not keys:
            return f"ClientError: Data download failed:S3 key: matched no files on {uri}"
        if source.get("S3DataDistributionType") == "ShardedByS3Key":
            keys = keys[host::hosts]
        return self.fetch(uri, keys, into)

    def store(self, uri: str, body: bytes, key_id: str | None = None) -> str:
        """Write one object; returns why the role cannot, or ""."""
        from botocore.exceptions import ClientError

        if denied := self.lacks(uri, "s3:PutObject"):
            return f"ClientError: Artifact upload failed:Access denied. {denied}"
        bucket, key = bucket_and_key(uri)
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, **sealed)
        except ClientError as error:
            return f"ClientError: Artifact upload failed:{error} ({uri})"
        return ""

    def remove(self, uri: str) -> None:
        """Delete one object, if the role may."""
        bucket, key = bucket_and_key(uri)
        if not self.lacks(uri, "s3:DeleteObject"):
            self._s3.delete_object(Bucket=bucket, Key=key)


def local_name(prefix: str, key: str) -> str:
    """Return the path of an object in its channel's folder.

    Examples:
        >>> local_name("in/train.jsonl", "in/train.jsonl"), local_name("in", "in/a/b")
        ('train.jsonl', 'a/b')
    """
    whole = key == prefix or not (prefix.endswith("/") or key[len(prefix)] == "/")
    cut = prefix.rpartition("/")[0] if whole else prefix
    return key[len(cut) :].lstrip("/")


def files(folder: Path) -> Iterator[Path]:
    """List the files below a folder; what vanishes meanwhile is left out."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def archive(contents: dict[str, bytes]) -> bytes:
    """Pack files by name into a ``.tar.gz``."""
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, body in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, BytesIO(body))
    return made.getvalue()


class Mirror:
    """A folder that is kept in S3 as it changes: what is deleted here is deleted there."""

    def __init__(self, folder: Path, uri: str, transfer: Transfer) -> None:
        self._folder = folder
        self._uri = uri.rstrip("/") + "/"
        self._transfer = transfer
        self._known: dict[str, tuple[int, int]] = {}

    def restore(self) -> str:
        """Download what is there already; returns why the role cannot, or ""."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if denied := self._transfer.cannot_list(self._uri):
            return f"ClientError: Checkpoint download failed:Access denied. {denied}"
        keys = self._transfer.keys(self._uri)
        problem = self._transfer.fetch(self._uri, keys, self._folder)
        self._known = dict(self._present())
        return problem

    def push(self) -> str:
        """Upload what is new or has changed, delete what has gone; returns why it cannot, or ""."""
        present = dict(self._present())
        for name, state in present.items():
            if self._known.get(name) == state:
                continue
            try:
                body = (self._folder / name).read_bytes()
            except OSError:
                continue  # it has gone meanwhile, or its folder
            if problem := self._transfer.store(self._uri + name, body):
                return problem
            self._known[name] = state
        for name in self._known.keys() - present.keys():
            self._transfer.remove(self._uri + name)
            del self._known[name]
        return ""

    def holds(self, name: str) -> bool:
        """Return whether a file of this name, in any folder, is in S3 by now."""
        return any(path.rpartition("/")[2] == name for path in self._known)

    def _present(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for path in files(self._folder):
            try:
                state = path.stat()
            except OSError:
                continue
            name = path.relative_to(self._folder).as_posix()
            yield name, (state.st_mtime_ns, state.st_size)
