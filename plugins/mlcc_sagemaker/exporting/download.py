"""Files of S3 on this disk: read by ranges, whole, unpacked safely."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from mlcc_aws.objects import open_object
from mlcc_core import Context, PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_folders.serving.archives import unpack
from mlcc_sagemaker.aws.account import split_uri
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.serving.weights.artifacts import Folder, Stored

BLOCK = 8 << 20
"""Bytes that are in memory at a time."""


def download(context: Context, place: Folder | str, into: Path) -> Path:
    """Bring a folder or an archive of weights into a folder.

    Args:
        context: the surroundings of the project.
        place: what is brought.
        into: a folder that is there and empty.

    Returns:
        The folder in which the weights lie: ``into``, or the only one within it.

    Raises:
        MlccError: an archive is damaged, or holds what would leave the folder.
        PlatformError: it cannot be read, changed meanwhile, or the disk refuses.
    """
    if isinstance(place, Folder):
        for file in place.files:
            name = file.key.rpartition("/")[2]
            if not name.startswith("."):
                _fetch(context, place.bucket, file, into / name)
        return into
    bucket, key = split_uri(place)
    with aws_call(f"look at {place}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"):
        head = client(context, "s3").head_object(Bucket=bucket, Key=key)
    archive = into / key.rpartition("/")[2]
    _fetch(context, bucket, Stored(key, head["ContentLength"], head["ETag"]), archive)
    unpacked = into / "unpacked"
    with disk_errors(unpacked, doing="unpack the archive"):
        unpacked.mkdir()
        unpack(archive, unpacked)
        archive.unlink()
    folders = [path for path in unpacked.iterdir() if path.is_dir()]
    alone = len(folders) == 1 and len(list(unpacked.iterdir())) == 1
    return folders[0] if alone else unpacked


def _fetch(context: Context, bucket: str, file: Stored, target: Path) -> None:
    uri = f"s3://{bucket}/{file.key}"
    changed = {
        "PreconditionFailed": lambda words: PlatformError(
            f"{uri} changed while it was read.", hint="run the same command again"
        )
    }

    def guard() -> AbstractContextManager[None]:
        return aws_call(f"read {uri}", f"s3:GetObject on arn:aws:s3:::{bucket}/{file.key}", changed)

    with guard():
        s3 = client(context, "s3")
    with open_object(s3, bucket, file.key, file.size, file.etag, guard) as source:
        _write(source, target)
    if target.stat().st_size != file.size:
        raise PlatformError(f"{uri} came with {target.stat().st_size} of {file.size} bytes.")


def _write(source: BinaryIO, target: Path) -> None:
    with disk_errors(target, doing="write the export"), target.open("xb") as sink:
        shutil.copyfileobj(source, sink, BLOCK)
