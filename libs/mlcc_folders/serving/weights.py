"""Weights that a user names: a folder, or an archive that is unpacked; safetensors, checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers import atomic_folder, disk_errors, remove_old_drafts
from mlcc_engine.model.model_folder import (
    PICKLES,
    check_adapter_folder,
    check_model_folder,
    gguf_error,
)
from mlcc_engine.model.tensors import read_tensors
from mlcc_folders.model.models import find_path
from mlcc_folders.serving.archives import is_archive, unpack

CONFIGS = ("adapter_config.json", "config.json")


def find_adapter(text: str, root: Path, into: Path) -> Path:
    """The folder of a LoRA adapter.

    Args:
        text: as the user names it: a folder, an archive, a ``file://`` URI.
        root: the project's folder.
        into: where an archive is unpacked to; it appears whole, or not at all.

    Raises:
        MlccError: it is missing, damaged, pickled, or not a LoRA adapter.
    """
    return _find(text, root, into, "--weights", check_adapter)


def find_model(text: str, root: Path, into: Path) -> Path:
    """The folder of a whole model; arguments and errors as for :func:`find_adapter`."""
    return _find(text, root, into, "--model-data", check_model_folder)


def check_adapter(folder: Path) -> None:
    """Refuse a folder that is not a sound LoRA adapter.

    Raises:
        MlccError: it says what it is instead.
    """
    check_adapter_folder(folder)
    kind = adapter_config(folder).get("peft_type")
    if kind != "LORA":
        raise MlccError(f"{folder} holds an adapter of type {kind!r}, expected LORA.")
    for file in sorted(folder.glob("adapter_model*.safetensors")):
        read_tensors(file)


def adapter_config(folder: Path) -> Mapping[str, Any]:
    """PEFT's description of an adapter.

    Raises:
        MlccError: it is damaged.
    """
    return _document(folder / CONFIGS[0])


def _find(text: str, root: Path, into: Path, flag: str, check: Callable[[Path], None]) -> Path:
    try:
        path = _located(text, root, flag)
        if path.is_dir():
            check(path)
            return path
        return _unpack(path, into, check)
    except PlatformError:
        raise
    except MlccError as error:
        raise MlccError(error.what, where=flag, hint=error.hint, detail=error.detail) from None


def _located(text: str, root: Path, flag: str) -> Path:
    """The folder or archive that ``text`` names."""
    if "://" in text and not text.startswith("file://"):
        raise MlccError(
            f"{text!r} is not on this machine; expected a folder, or a .tar.gz or .zip archive.",
            hint=f"download it, then pass {flag} PATH",
        )
    path = find_path(text.removeprefix("file://"), root)
    if path is None:
        raise MlccError(f"{text!r} does not exist.", hint=f"pass {flag} PATH")
    if not path.is_dir() and not is_archive(path):
        raise _no_archive(path, flag)
    return path


def _unpack(archive: Path, into: Path, check: Callable[[Path], None]) -> Path:
    with disk_errors(doing="unpack the archive"):
        into.parent.mkdir(parents=True, exist_ok=True)
        remove_old_drafts(into.parent, into.name)
        with atomic_folder(into) as draft:
            unpack(archive, draft)
            inner = _weights_folder(draft)
            try:
                check(inner)
            except MlccError as error:
                what = error.what.replace(str(inner), str(archive))
                raise MlccError(what, hint=error.hint) from None
            shutil.rmtree(into, ignore_errors=True)
    return into / inner.relative_to(draft)


def _weights_folder(folder: Path) -> Path:
    """Return the folder of the weights in an unpacked archive: its top, or its only folder."""
    inside = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    top = any((folder / config).is_file() for config in CONFIGS)
    if not top and len(inside) == 1 and inside[0].is_dir():
        return inside[0]
    return folder


def _no_archive(path: Path, flag: str) -> MlccError:
    if path.suffix == ".gguf":
        return gguf_error(str(path), str(path.parent), flag)
    if path.suffix in PICKLES:
        return MlccError(
            f"{path} holds pickled weights, expected safetensors: "
            "loading a pickle can run any code, so it is never done.",
            hint="load it in a sandbox and save it with save_pretrained(FOLDER)",
        )
    if path.suffix == ".safetensors":
        return MlccError(
            f"{path} is one file of weights; its config.json or adapter_config.json belongs to it.",
            hint=f"pass {flag} {path.parent}",
        )
    return MlccError(
        f"{path} is neither a folder nor a .tar.gz or .zip archive.",
        hint=f"pass {flag} FOLDER",
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise MlccError(f"{path} cannot be read: {error}.") from None
    if not isinstance(document, dict):
        raise MlccError(f"{path} holds no object.")
    return document
