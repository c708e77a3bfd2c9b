"""Weights that are to be imported, as they lie: in S3 or on this machine, whole or an adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mlcc_core import Context, MlccError, PlatformError
from mlcc_core.helpers import disk_errors
from mlcc_sagemaker.aws.account import split_uri
from mlcc_sagemaker.aws.calls import aws_call, client
from mlcc_sagemaker.bedrock.weights.supported import ModelFiles
from mlcc_sagemaker.serving.weights.artifacts import (
    ADAPTER_CONFIG,
    LOCAL,
    MODEL_CONFIG,
    Folder,
    find_adapter,
    find_whole,
    read_json,
)

FLAG = "--model-data"
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """Weights, before anything is made of them.

    Attributes:
        place: where they are: a folder or an archive of S3, or a path of this machine.
        digest: changes with their content.
        adapter: they are an adapter, which is merged first.
        model: the whole model that they are; ``None`` for what is unpacked or merged first.
    """

    place: Folder | str | Path
    digest: str
    adapter: bool = False
    model: ModelFiles | None = None

    @property
    def shown(self) -> str:
        """Return the place for people."""
        return self.place.uri if isinstance(self.place, Folder) else str(self.place)


def find_source(context: Context, weights: str) -> Source:
    """Return the weights at a path or URI; a whole model comes before an adapter beside it.

    Raises:
        MlccError: there is neither.
        PlatformError: it cannot be read.
    """
    if LOCAL.match(weights):
        return _local(context, weights)
    try:
        return _whole(context, find_whole(context, weights))
    except PlatformError:
        raise
    except MlccError as no_model:
        try:
            place = find_adapter(context, weights)
        except PlatformError:
            raise
        except MlccError:
            raise no_model from None
    return Source(place, _digest_in_s3(context, place), adapter=True)


def _whole(context: Context, place: Folder | str) -> Source:
    digest = _digest_in_s3(context, place)
    if isinstance(place, str):
        return Source(place, digest)
    by_name = {file.key.rpartition("/")[2]: file for file in place.files}
    config = read_json(context, place.bucket, by_name[MODEL_CONFIG])
    sizes = {name: file.size for name, file in by_name.items()}
    return Source(place, digest, model=ModelFiles(place.uri, config, sizes))


def _digest_in_s3(context: Context, place: Folder | str) -> str:
    """Hash names, sizes and ETags: other content has other ones."""
    if isinstance(place, Folder):
        named = ((file.key.rpartition("/")[2], file.size, file.etag) for file in place.files)
        return _hashed(f"{name} {size} {etag}" for name, size, etag in sorted(named))
    bucket, key = split_uri(place)
    with aws_call(f"look at {place}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}"):
        head = client(context, "s3").head_object(Bucket=bucket, Key=key)
    return _hashed([f"archive {head['ContentLength']} {head['ETag']}"])


def _local(context: Context, weights: str) -> Source:
    from mlcc_folders.model.models import find_path

    path = find_path(weights.removeprefix("file://"), context.root)
    if path is None:
        raise MlccError(
            f"There is nothing at {weights!r}, expected the folder of a model or an adapter.",
            where=FLAG,
            hint="mlcc runs list   # --from-tune RUN takes the output of one",
        )
    with disk_errors(path, doing="read the weights"):
        if path.is_file():
            return Source(path, _hashed([file_digest(path)]))
        files = files_of(path)
        digest = _hashed(f"{file.name} {file_digest(file)}" for file in files)
        if any(file.name == ADAPTER_CONFIG for file in files):
            return Source(path, digest, adapter=True)
        return Source(path, digest, model=local_model(path))


def local_model(folder: Path) -> ModelFiles:
    """Return the files of a whole model on this machine.

    Raises:
        MlccError: it is not one.
    """
    from mlcc_engine.model.model_folder import check_model_folder, read_config

    check_model_folder(folder)
    sizes = {file.name: file.stat().st_size for file in files_of(folder)}
    return ModelFiles(str(folder), read_config(folder), sizes)


def files_of(folder: Path) -> list[Path]:
    """Return the files directly in a folder, hidden ones left out, by name."""
    inside = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in inside if path.is_file())


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    about = path.stat()
    return _digest_of(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest_of(path: Path, size: int, changed: int) -> str:  # noqa: ARG001 - another file, then
    """Hash a file once a command, however often it is looked at."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hashed(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:DIGITS]
