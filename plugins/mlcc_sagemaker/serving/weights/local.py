"""Adapters on this machine: folders and archives, as a Hub's download or a job leaves them."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlcc_core import Context
from mlcc_core.helpers import disk_errors
from mlcc_core.helpers.hints import looked_at
from mlcc_sagemaker.aws.account import bucket_of
from mlcc_sagemaker.serving.weights.artifacts import ADAPTER_CONFIG
from mlcc_sagemaker.serving.weights.packing import AdapterFiles


@contextmanager
def local_adapter(context: Context, weights: str) -> Iterator[AdapterFiles]:
    """Yield the files of an adapter on this machine, to be packed to the tune bucket.

    An archive is unpacked for as long as the block runs.

    Args:
        context: the surroundings of the project.
        weights: a folder, or an archive.

    Raises:
        MlccError: there is no sound LoRA adapter.
        PlatformError: no bucket is set, or the disk refuses.
    """
    from mlcc_folders.serving.weights import find_adapter

    bucket = bucket_of(context)
    with tempfile.TemporaryDirectory(prefix="mlcc-adapter-") as scratch:
        folder = find_adapter(weights, context.root, Path(scratch) / "adapter")
        with disk_errors(folder, doing="read the adapter"):
            yield _files(folder, weights, bucket)


def _files(folder: Path, weights: str, bucket: str) -> AdapterFiles:
    paths = {
        path.name: path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".")
    }
    return AdapterFiles(
        place=weights,
        bucket=bucket,
        digest=_digest(paths),
        sizes={name: path.stat().st_size for name, path in paths.items()},
        config=lambda: _json(folder / ADAPTER_CONFIG),
        open=lambda name: paths[name].open("rb"),
        look=looked_at(folder),
    )


def _digest(paths: Mapping[str, Path]) -> str:
    """Hash names and contents: the same files have one archive, wherever they lie."""
    whole = hashlib.sha256()
    for name in sorted(paths):
        with paths[name].open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()[:16]


def _json(path: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(path.read_bytes())
    return document
