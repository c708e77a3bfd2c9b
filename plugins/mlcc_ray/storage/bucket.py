"""A storage under a prefix of an S3 bucket."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlcc_core import PlatformError
from mlcc_core.helpers import atomic_folder, disk_errors
from mlcc_ray.storage.storage import NotThere, Storage, Writer, checked

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

COMPLETE = ".mlcc-complete.json"
"""The object that makes a folder whole: ``{"files": {NAME: BYTES}}``; it comes last, goes first."""

MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
BLOCK = 8 << 20
"""Bytes that are in memory at a time."""

AT_ONCE = 1000
"""Objects that S3 removes with one request."""


class BucketStorage(Storage):
    """Objects of a bucket.

    Args:
        bucket: its name.
        prefix: of all keys, without slashes around it; may be empty.
        settings: environment and project, for :func:`mlcc_aws.sessions.client`.
    """

    def __init__(self, bucket: str, prefix: str, settings: Mapping[str, str]) -> None:
        self.bucket, self.prefix = bucket, prefix
        self.uri = f"s3://{bucket}/{prefix}".rstrip("/")
        self._settings = settings

    def check(self) -> None:
        probe = ".mlcc-check"
        self.write(probe, b"ok")
        self.read(probe)
        self.remove(probe)

    def read(self, path: str) -> bytes:
        from mlcc_aws.objects import read_object

        with self._errors("read", "s3:GetObject", path):
            return read_object(self._client(), self.bucket, self._key(path))

    def open_read(self, path: str) -> BinaryIO:
        from mlcc_aws.objects import open_object

        key = self._key(path)
        with self._errors("read", "s3:GetObject", path):
            client = self._client()
            head = client.head_object(Bucket=self.bucket, Key=key)
        size, etag = head["ContentLength"], head["ETag"]
        return open_object(
            client, self.bucket, key, size, etag, lambda: self._errors("read", "s3:GetObject", path)
        )

    def write(self, path: str, data: bytes) -> None:
        writer = self.open_write(path)
        try:
            writer.write(data)
            writer.finish()
        finally:
            writer.abort()

    def open_write(self, path: str) -> Writer:
        from mlcc_aws.uploads import ObjectWriter

        def guard() -> Any:
            return self._errors("write", "s3:PutObject", path)

        with guard():
            client = self._client()
        return ObjectWriter(client, self.bucket, self._key(path), guard, {})

    def names(self, prefix: str) -> Sequence[str]:
        begin = len(f"{self.prefix}/") if self.prefix else 0
        found = [key[begin:] for key in self._keys(prefix)]
        return sorted(name for name in found if not name.endswith(COMPLETE))

    def folders(self, prefix: str) -> Sequence[str]:
        top = f"{self._key(prefix)}/"
        with self._errors("list", "s3:ListBucket", prefix):
            pages = self._client().get_paginator("list_objects_v2")
            found = [
                each["Prefix"]
                for page in pages.paginate(Bucket=self.bucket, Prefix=top, Delimiter="/")
                for each in page.get("CommonPrefixes", ())
            ]
        return sorted(name.removeprefix(top).rstrip("/") for name in found)

    def size(self, path: str) -> int | None:
        try:
            with self._errors("look at", "s3:GetObject", path):
                head = self._client().head_object(Bucket=self.bucket, Key=self._key(path))
        except NotThere:
            return None
        return int(head["ContentLength"])

    def is_whole(self, path: str) -> bool:
        return self.size(f"{path}/{COMPLETE}") is not None

    def upload(self, folder: Path, path: str) -> None:
        self.remove(f"{path}/{COMPLETE}")
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        sizes: dict[str, int] = {}
        for file in files:
            name = file.relative_to(folder).as_posix()
            sizes[name] = self._send(file, f"{path}/{name}")
        listed = {f"{checked(path)}/{name}" for name in sizes}
        self._delete([self._key(name) for name in self.names(path) if name not in listed], path)
        self.write(f"{path}/{COMPLETE}", json.dumps({"files": sizes}).encode())

    def download(self, path: str, folder: Path) -> None:
        sizes = json.loads(self.read(f"{path}/{COMPLETE}"))["files"]
        doing = f"copy {self.address(path)}"
        with disk_errors(folder, doing=doing), atomic_folder(folder) as made:
            for name, size in sizes.items():
                target = made / checked(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with self.open_read(f"{path}/{name}") as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, BLOCK)
                if target.stat().st_size != size:
                    raise PlatformError(
                        f"{self.address(path)}/{name} changed while it was read.",
                        hint="run the same command again",
                    )

    def remove(self, path: str) -> None:
        self._delete([f"{self._key(path)}/{COMPLETE}", self._key(path)], path)
        self._delete(self._keys(path), path)

    def _send(self, file: Path, path: str) -> int:
        writer = self.open_write(path)
        try:
            with disk_errors(file, doing=f"read {file}"), file.open("rb") as source:
                while block := source.read(BLOCK):
                    writer.write(block)
            writer.finish()
        finally:
            writer.abort()
        return writer.size

    def _keys(self, path: str) -> list[str]:
        with self._errors("list", "s3:ListBucket", path):
            pages = self._client().get_paginator("list_objects_v2")
            return [
                each["Key"]
                for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self._key(path)}/")
                for each in page.get("Contents", ())
            ]

    def _delete(self, keys: Sequence[str], path: str) -> None:
        for at in range(0, len(keys), AT_ONCE):
            some = [{"Key": key} for key in keys[at : at + AT_ONCE]]
            with self._errors("remove", "s3:DeleteObject", path):
                answer = self._client().delete_objects(
                    Bucket=self.bucket, Delete={"Objects": some, "Quiet": True}
                )
            for refused in answer.get("Errors", ()):
                raise PlatformError(
                    f"Cannot remove s3://{self.bucket}/{refused.get('Key')}: "
                    f"AWS answered {refused.get('Code')} ({refused.get('Message')})."
                )

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{checked(path)}".lstrip("/")

    def _client(self) -> Any:
        from mlcc_aws.sessions import s3_client

        return s3_client(self._settings)

    @contextmanager
    def _errors(self, verb: str, action: str, path: str) -> Iterator[None]:
        from mlcc_aws.errors import aws_errors, error_code

        address = self.address(path)

        def specific(error: ClientError) -> Exception | None:
            code = error_code(error)
            if code == "NoSuchBucket":
                return PlatformError(
                    f"The bucket {self.bucket} does not exist.",
                    where="RAY_STORAGE",
                    hint=f"aws s3 mb s3://{self.bucket}",
                )
            return NotThere(f"There is nothing at {address}.") if code in MISSING else None

        with aws_errors(f"{verb} {address}", f"{action} on {address}", specific):
            yield
