"""Weights put where Bedrock reads them: left in S3 as they are, copied, uploaded, or merged first.

Copies and uploads lie at ``<project>/imports/<digest>/`` of the tune bucket. A manifest is written
last, beside the folder, since an import reads every file of its folder:

    {"architecture": "Qwen3ForCausalLM", "files": {"config.json": 812, "model.safetensors": 1503}}
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlcc_aws.objects import read_object
from mlcc_core import Context
from mlcc_core.helpers import disk_errors
from mlcc_sagemaker.aws.account import bucket_of
from mlcc_sagemaker.aws.calls import aws_call, client, found
from mlcc_sagemaker.bedrock.weights.mending import Documents, mended
from mlcc_sagemaker.bedrock.weights.merging import merged
from mlcc_sagemaker.bedrock.weights.source import FLAG, Source, file_digest, files_of, local_model
from mlcc_sagemaker.bedrock.weights.supported import ModelFiles, check_model
from mlcc_sagemaker.data.staging import encryption, open_writer
from mlcc_sagemaker.exporting.download import BLOCK, download
from mlcc_sagemaker.serving.weights.artifacts import Folder

DIGEST = "sha256"
"""The metadata of an uploaded object that holds the digest of its content."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A whole model where Bedrock reads it.

    Attributes:
        uri: of its folder.
        architecture: as its ``config.json`` names it.
    """

    uri: str
    architecture: str


def as_it_is(context: Context, source: Source) -> bool:
    """Return whether an import reads the weights where they are, and nothing is written."""
    return isinstance(source.place, Folder) and not source.adapter and not _mends(context, source)


def place(context: Context, source: Source, region: str) -> Placed:
    """Put weights where Bedrock reads them, once: the same ones are found there again.

    Args:
        context: the surroundings; its ``say`` is told what takes long.
        source: the weights.
        region: where they are to be imported.

    Raises:
        MlccError: Bedrock would not take the model, or it cannot be merged.
        PlatformError: it cannot be read or written.
    """
    if as_it_is(context, source) and source.model is not None:
        return Placed(source.shown, source.model.architecture)
    target = _target(context, source)
    there = target.placed()
    if there is not None:
        return there
    if isinstance(source.place, Folder) and source.model is not None:
        return target.copy(source.place, source.model, _mends(context, source))
    scratch = Path(tempfile.mkdtemp(prefix="mlcc-import-"))
    try:
        folder = _brought(context, source, scratch)
        model = local_model(folder)
        check_model(ModelFiles(source.shown, model.config, model.sizes), region, FLAG)
        return target.upload(folder, model)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def place_of_copy(context: Context, source: Source) -> str:
    """Return the URI at which a copy of some weights lies, merged or mended, if there is one."""
    return _target(context, source).uri


def _target(context: Context, source: Source) -> _Target:
    return _Target(context, bucket_of(context), f"{context.project}/imports/{source.digest}")


def _mends(context: Context, source: Source) -> Documents:
    """Return the files of a folder in S3 that have to be others for Bedrock."""
    folder = source.place
    if not isinstance(folder, Folder) or source.adapter:
        return {}
    keys = {file.key.rpartition("/")[2]: file.key for file in folder.files}

    def read(name: str) -> bytes:
        uri = f"{folder.uri}{name}"
        with aws_call(f"read {uri}", f"s3:GetObject on arn:aws:s3:::{folder.bucket}/{keys[name]}"):
            return read_object(client(context, "s3"), folder.bucket, keys[name])

    return mended(read, frozenset(keys), folder.uri)


def _brought(context: Context, source: Source, scratch: Path) -> Path:
    """Return a folder on this machine with the whole model."""
    from mlcc_folders.serving.weights import find_adapter, find_model

    if isinstance(source.place, Path):
        find = find_adapter if source.adapter else find_model
        folder = find(str(source.place), context.root, scratch / "unpacked")
    else:
        context.say(f"⏳ Bringing {source.shown} to this machine.")
        into = scratch / "brought"
        with disk_errors(into, doing="read the weights"):
            into.mkdir()
        folder = download(context, source.place, into)
    return merged(context, folder, scratch) if source.adapter else folder


@dataclass(frozen=True, slots=True)
class _Target:
    """The folder of some weights in the tune bucket; ``prefix`` has no slash at its end."""

    context: Context
    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}/"

    @property
    def _manifest(self) -> str:
        return f"{self.prefix}.json"

    def placed(self) -> Placed | None:
        """Return what was written whole; ``None`` where nothing was, or not all of it."""
        data = found(
            lambda: read_object(client(self.context, "s3"), self.bucket, self._manifest),
            f"look for s3://{self.bucket}/{self._manifest}",
            f"s3:GetObject on arn:aws:s3:::{self.bucket}/{self._manifest}",
        )
        if data is None:
            return None
        with suppress(ValueError, TypeError, KeyError):
            document = json.loads(data)
            return Placed(self.uri, str(document["architecture"]))
        return None

    def upload(self, folder: Path, model: ModelFiles) -> Placed:
        """Write a folder of this machine; files that are there already are left."""

        def read(name: str) -> bytes:
            with disk_errors(folder, doing="read the model"):
                return (folder / name).read_bytes()

        files = files_of(folder)
        others = mended(read, frozenset(file.name for file in files), str(folder))
        size = sum(model.sizes.values()) / 1e6
        self.context.say(f"⏳ Uploading {len(files)} files, {size:,.1f} MB, to {self.uri}")
        for file in files:
            if file.name in others:
                self._write(file.name, others[file.name])
            else:
                self._send(file)
        return self._finish(model)

    def copy(self, source: Folder, model: ModelFiles, others: Documents) -> Placed:
        """Copy a folder within S3, but for the files that are others."""
        self.context.say(f"⏳ Copying {source.uri} to {self.uri}, with configs that Bedrock reads")
        for file in source.files:
            name = file.key.rpartition("/")[2]
            if name in others:
                self._write(name, others[name])
                continue
            key = f"{self.prefix}/{name}"
            doing = f"copy s3://{source.bucket}/{file.key} to s3://{self.bucket}/{key}"
            with aws_call(doing, f"s3:PutObject on arn:aws:s3:::{self.bucket}/{key}"):
                client(self.context, "s3").copy(
                    {"Bucket": source.bucket, "Key": file.key},
                    self.bucket,
                    key,
                    ExtraArgs=encryption(self.context),
                )
        return self._finish(model)

    def _send(self, file: Path) -> None:
        key, digest = f"{self.prefix}/{file.name}", file_digest(file)
        there = found(
            lambda: client(self.context, "s3").head_object(Bucket=self.bucket, Key=key),
            f"look for s3://{self.bucket}/{key}",
            f"s3:GetObject on arn:aws:s3:::{self.bucket}/{key}",
        )
        if there is not None and there.get("Metadata", {}).get(DIGEST) == digest:
            return
        with disk_errors(file, doing="read the model"), file.open("rb") as data:
            self._stream(key, lambda: data.read(BLOCK), {DIGEST: digest})

    def _write(self, name: str, data: bytes) -> None:
        parts = iter((data,))
        self._stream(f"{self.prefix}/{name}", lambda: next(parts, b""), {})

    def _stream(self, key: str, read: Callable[[], bytes], metadata: Mapping[str, str]) -> None:
        writer = open_writer(
            self.context, self.bucket, key, "application/octet-stream", metadata=metadata
        )
        try:
            while data := read():
                writer.write(data)
            writer.finish()
        finally:
            writer.abort()

    def _finish(self, model: ModelFiles) -> Placed:
        document = {"architecture": model.architecture, "files": dict(model.sizes)}
        parts = iter((json.dumps(document).encode(),))
        self._stream(self._manifest, lambda: next(parts, b""), {})
        return Placed(self.uri, model.architecture)
