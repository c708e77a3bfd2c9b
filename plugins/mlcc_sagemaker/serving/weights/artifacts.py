"""The contents of an S3 URI: an adapter, a whole model, an archive of one, or neither."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from mlcc_aws.objects import read_object
from mlcc_core import Context, MlccError
from mlcc_sagemaker.aws.account import split_uri
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.serving.weights import hints

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
MODEL_CONFIG = "config.json"
ARCHIVES = (".tar.gz", ".tgz")

LOCAL = re.compile(r"file://|(?![a-z][a-z0-9+.-]*://)", re.IGNORECASE)
"""The beginning of weights that are on this machine."""

USUAL = {"adapter": "checkpoints/hf/", "model": "checkpoints/hf_merged/"}
"""Folders of jobs' results below the artifacts; a LoRA job may leave both."""

MOST_FILES = 10_000
HEAD = 1 << 20
"""Bytes of an archive in which its first files' names are looked for."""

Kind = Literal["adapter", "model"]


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in S3.

    Attributes:
        key: its key.
        size: bytes.
        etag: as S3 sends it.
    """

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds an adapter or a model.

    Attributes:
        bucket, prefix: where; the prefix ends with ``/`` unless it is empty.
        kind: what it holds.
        files: the objects directly in it.
    """

    bucket: str
    prefix: str
    kind: Kind
    files: tuple[Stored, ...]

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def find_adapter(context: Context, uri: str) -> Folder | str:
    """The folder of the adapter at ``uri``, or the archive itself.

    Raises:
        MlccError: there is none; a whole model is said to be one.
    """
    return _find(context, uri, "adapter", "--weights")


def find_model(context: Context, uri: str) -> str:
    """The URI of the whole model at ``uri``: a prefix that ends with ``/``, or an archive.

    Raises:
        MlccError: there is none; an adapter is said to be one.
    """
    place = find_whole(context, uri)
    return place if isinstance(place, str) else place.uri


def find_whole(context: Context, uri: str, flag: str = "--model-data") -> Folder | str:
    """The folder of the whole model at ``uri``, or the archive itself; errors name ``flag``."""
    return _find(context, uri, "model", flag)


def find_folders(context: Context, uri: str) -> Sequence[Folder]:
    """Every folder at or below ``uri`` that holds an adapter or a model.

    Raises:
        MlccError: the bucket does not exist.
    """
    return _folders(context, uri)


def read_json(context: Context, bucket: str, stored: Stored) -> Mapping[str, Any]:
    """A small JSON file.

    Raises:
        MlccError: it is none.
    """
    uri = f"s3://{bucket}/{stored.key}"
    with aws_call(f"read {uri}", f"s3:GetObject on arn:aws:s3:::{bucket}/{stored.key}"):
        data = read_object(client(context, "s3"), bucket, stored.key)
    with suppress(ValueError):
        document = json.loads(data)
        if isinstance(document, dict):
            return document
    raise MlccError(f"{uri} is not a JSON object.")


def _find(context: Context, uri: str, kind: Kind, flag: str) -> Folder | str:
    if not uri.startswith("s3://"):
        raise MlccError(
            f"{uri!r} is not in S3, where SageMaker reads it.",
            where=flag,
            hint=hints.brought(uri, flag),
        )
    if uri.endswith(ARCHIVES):
        _check_archive(context, uri, kind, flag)
        return uri
    folders = _folders(context, uri)
    fitting = [folder for folder in folders if folder.kind == kind]
    if not fitting:
        raise _other_kind(uri, kind, flag) if folders else _nothing(uri, kind, flag)
    if len(fitting) > 1:
        usual = [folder for folder in fitting if folder.prefix.endswith(USUAL[kind])]
        if len(usual) != 1:
            raise MlccError(
                f"{uri} holds several {kind}s.",
                where=flag,
                detail=[folder.uri for folder in fitting[:10]],
                hint=f"pass {flag} {fitting[0].uri}",
            )
        fitting = usual
    return fitting[0]


def _folders(context: Context, uri: str) -> Sequence[Folder]:
    """Every folder at or below ``uri`` that holds an adapter or a model."""
    bucket, key = split_uri(uri)
    prefix = f"{key.rstrip('/')}/" if key else ""
    by_folder: dict[str, list[Stored]] = {}
    action = f"s3:ListBucket on arn:aws:s3:::{bucket}"
    with aws_call(f"list {uri}", action, {"missing": lambda _: _nothing(uri, "adapter", "")}):
        pages = client(context, "s3").get_paginator("list_objects_v2")
        listed = pages.paginate(
            Bucket=bucket, Prefix=prefix, PaginationConfig={"MaxItems": MOST_FILES}
        )
        for page in listed:
            for found_object in page.get("Contents", ()):
                folder, _, name = found_object["Key"].rpartition("/")
                if name:
                    stored = Stored(found_object["Key"], found_object["Size"], found_object["ETag"])
                    by_folder.setdefault(f"{folder}/" if folder else "", []).append(stored)
    return [
        Folder(bucket, folder, kind, tuple(files))
        for folder, files in by_folder.items()
        if (kind := _kind({file.key.rpartition("/")[2] for file in files})) is not None
    ]


def _kind(files: set[str]) -> Kind | None:
    if ADAPTER_CONFIG in files:
        return "adapter"
    weights = any(name.endswith((".safetensors", ".safetensors.index.json")) for name in files)
    return "model" if MODEL_CONFIG in files and weights else None


def _check_archive(context: Context, uri: str, kind: Kind, flag: str) -> None:
    """Refuse an archive that is not there, or whose first files are of the other kind."""
    bucket, key = split_uri(uri)

    def read() -> bytes:
        return read_object(client(context, "s3"), bucket, key, HEAD)

    head = found(read, f"read {uri}", f"s3:GetObject on arn:aws:s3:::{bucket}/{key}")
    if head is None:
        raise _nothing(uri, kind, flag)
    names = {name.rpartition("/")[2] for name in first_names(head)}
    seen: Kind | None = (
        "adapter" if ADAPTER_CONFIG in names else "model" if MODEL_CONFIG in names else None
    )
    if seen not in (None, kind):
        raise _other_kind(uri, kind, flag)


def first_names(head: bytes) -> list[str]:
    """Names of the files at the beginning of a ``.tar.gz``, as far as ``head`` goes."""
    names: list[str] = []
    with suppress(zlib.error, tarfile.TarError, EOFError):
        data = zlib.decompressobj(wbits=31).decompress(head, 64 << 20)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            names.extend(member.name for member in archive)
    return names


def _nothing(uri: str, kind: Kind, flag: str) -> MlccError:
    needed = {
        "adapter": f"{ADAPTER_CONFIG} and {ADAPTER_WEIGHTS}",
        "model": f"{MODEL_CONFIG} and safetensors files",
    }[kind]
    noun = {"adapter": "LoRA adapter", "model": "model"}[kind]
    return MlccError(
        f"{uri} holds no {noun}: expected {needed}, or an archive of them.",
        where=flag or None,
        hint=hints.stored(uri),
    )


def _other_kind(uri: str, kind: Kind, flag: str) -> MlccError:
    words: dict[Kind, tuple[str, Kind]] = {
        "adapter": ("a full model, not a LoRA adapter", "model"),
        "model": ("a LoRA adapter, not a full model", "adapter"),
    }
    found_noun, other = words[kind]
    return MlccError(f"{uri} holds {found_noun}.", where=flag, hint=hints.deployed(other, uri))
