"""Models of the Hub on this machine: the files that are loaded, of one commit, in the Hub's cache.

A model is loaded from the folder of one commit, so that all of it belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from mlcc_core import MlccError, PlatformError
from mlcc_core.helpers.hints import free_space
from mlcc_engine import load_errors
from mlcc_engine.hub import cache
from mlcc_engine.hub.look import Look, UnreachableError, access, look
from mlcc_engine.hub.names import HubName, parse
from mlcc_engine.model.model_folder import CONFIG, PICKLES, gguf_error
from mlcc_engine.model.tensors import WHOLE, model_tensors
from mlcc_engine.saving.disk import existing, free_at
from mlcc_tokens.local_tokenizers import FILES as TOKENIZER_FILES

SMALL = ("*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken", "README.md")
"""Patterns of the files that a config, a tokenizer and a chat template are made of."""

PART = re.compile(r"model-\d+-of-\d+\.safetensors\Z")

SPARE = 200e6
"""Bytes that are to be left on the disk of the cache."""


def obtain(model: str, *, weights: bool) -> str:
    """Return the folder of a model of the Hub; download what is not in the cache.

    Args:
        model: ``org/name``, or ``org/name@revision``.
        weights: download them, too; else only what describes the model.

    Raises:
        MlccError: there is no such model, it has to be asked for, or holds nothing to load.
        PlatformError: the Hub cannot be reached, or the disk has too little room.
    """
    name = parse(model) or HubName(model)
    try:
        found = look(name)
    except UnreachableError as error:
        folder = cache.find(name)
        if folder is not None and is_whole(folder, weights=weights):
            return str(folder)
        raise load_errors.unreachable(model, str(error)) from None
    if weights:
        check_weights(found)
        check_room(found)
    elif CONFIG not in found.files:
        raise load_errors.without_config(name.id, tuple(found.files))
    return str(_download(found, weights=weights))


def foresee(model: str) -> None:
    """Refuse a model of the Hub whose weights could not be downloaded and loaded.

    Raises:
        MlccError: they are of a form that is never loaded.
        PlatformError: the disk has too little room for them.
    """
    name = parse(model)
    if name is None:
        return
    with suppress(UnreachableError):
        found = look(name)
        check_weights(found)
        check_room(found)


def check_weights(found: Look) -> None:
    """Refuse a repository without weights in safetensors.

    Raises:
        MlccError: it says what there is instead.
    """
    names = tuple(found.files)
    if CONFIG not in names:
        raise load_errors.without_config(found.name.id, names)
    if any(_is_weights(name) for name in names):
        return
    pickles = [name for name in names if name.endswith(PICKLES)]
    if pickles:
        raise MlccError(
            f"Model {found.name.id!r} has pickled weights alone ({pickles[0]}), expected "
            "safetensors: loading a pickle can run any code, so it is never done.",
            where="--model",
            hint=f"look for --model {found.name.id}@REVISION with safetensors, or another model",
        )
    if ggufs := [name for name in names if name.endswith(".gguf")]:
        raise gguf_error(f"Model {found.name.id!r} ({ggufs[0]})", found.name.id)
    raise MlccError(
        f"Model {found.name.id!r} has no weights, expected {WHOLE}.",
        where="--model",
        hint="--model ORG/NAME",
    )


def check_room(found: Look) -> None:
    """Refuse a download that would fill the disk.

    Raises:
        PlatformError: it names what is needed and what is free.
    """
    folder = cache.snapshot_folder(found.name.id, found.commit)
    need = sum(
        found.files[name] or 0
        for name in _chosen(found, weights=True)
        if not (folder / name).exists()
    )
    free = free_at(folder)
    if need and need + SPARE > free:
        raise PlatformError(
            f"Model {found.name.id!r} needs {_gigabytes(need)} on the disk of "
            f"{cache.cache_folder()}, of which {_gigabytes(free)} are free.",
            hint=free_space(
                existing(folder), "free some, or export HF_HOME=FOLDER on a larger disk"
            ),
        )


def is_whole(folder: Path, *, weights: bool) -> bool:
    """Return whether a folder of the cache holds what is loaded, as far as that can be told."""
    if not (folder / CONFIG).is_file():
        return False
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        return False
    if weights:
        try:
            model_tensors(folder)
        except MlccError:
            return False
    return True


def _download(found: Look, *, weights: bool) -> Path:
    from huggingface_hub import snapshot_download

    download: Any = snapshot_download
    asked = found.name.revision or cache.MAIN
    names = list(_chosen(found, weights=weights))
    try:
        folder = Path(_at(download, found, asked, names))
        if folder.name != found.commit:  # the branch has moved meanwhile
            folder = Path(_at(download, found, found.commit, names))
        if found.name.commit and cache.last_seen(found.name.id) is None:
            # What names no revision is looked for at the main branch as it was last seen.
            with suppress(UnreachableError):
                if look(HubName(found.name.id)).commit == found.commit:
                    _at(download, found, cache.MAIN, names)
    except Exception as error:
        raise load_errors.explain(str(found.name), error) from None
    return folder


def _at(download: Any, found: Look, revision: str, names: list[str]) -> str:
    folder: str = download(
        found.name.id,
        revision=revision,
        allow_patterns=names,
        cache_dir=str(cache.cache_folder()),
        **access(),
    )
    return folder


def _chosen(found: Look, *, weights: bool) -> Iterator[str]:
    """Yield the files that are loaded: those at the top, and of weights one form."""
    whole = WHOLE in found.files
    for name in found.files:
        if "/" in name:
            continue
        small = any(fnmatch(name, pattern) for pattern in SMALL)
        if small or (weights and (name == WHOLE or (not whole and PART.match(name)))):
            yield name


def _is_weights(name: str) -> bool:
    return name == WHOLE or bool(PART.match(name))


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
