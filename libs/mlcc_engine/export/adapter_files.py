"""An adapter's own files, copied without anything that says where on this machine it was made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcc_engine.base import bases
from mlcc_engine.export import clean
from mlcc_engine.hub.names import parse
from mlcc_engine.model import tiny
from mlcc_engine.model.model_folder import ADAPTER_CONFIG
from mlcc_engine.model.models import default_cache

FILES = (
    ADAPTER_CONFIG,
    "adapter_model*.safetensors",
    "adapter_model.safetensors.index.json",
    "generation_config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
    "vocab.*",
    "merges.txt",
    "*.model",
    bases.FILE,
)
"""Patterns of the files; what else lies beside them tells of this machine, or of the training."""

PLACES = ("/", ".", "~")
"""Beginnings of paths."""


def write(adapter: Path, model: str, folder: Path) -> str | None:
    """Copy an adapter into a folder; its config names the base as other machines know it.

    Args:
        adapter: its folder.
        model: the base that it is asked on.
        folder: exists, and is empty.

    Returns:
        The name of the base; ``None`` where it has none that other machines know.

    Raises:
        OSError: a file cannot be read or written.
    """
    for pattern in FILES:
        for path in adapter.glob(pattern):
            if path.is_file() and not (folder / path.name).exists():
                shutil.copyfile(path, folder / path.name)
    base, record = base_name(adapter, model), _record(adapter)
    named = base or (record or {}).get("folder")
    _change(folder / ADAPTER_CONFIG, base_model_name_or_path=named)
    if record is not None:
        _change(folder / bases.FILE, **record)
    clean.clean(folder, [str(adapter), model])
    return base


def base_name(adapter: Path, model: str) -> str | None:
    """Return the name by which other machines know the base of an adapter, if there is one."""
    record = bases.read(adapter) or {}
    if isinstance(written := record.get("hub_id"), str):
        return written
    if bases.is_folder(model):  # its name is no name that others know, whatever it looks like
        return bases.hub_id_of(Path(model).expanduser().resolve(), default_cache())
    name = bases.name_of(model, default_cache())
    return name if name == tiny.NAME or _of_the_hub(name) else None


def _of_the_hub(name: str) -> bool:
    return not name.startswith(PLACES) and parse(name) is not None


def _record(adapter: Path) -> Mapping[str, Any] | None:
    """Return what is written beside an adapter; of a base that was a folder, its name alone.

    Adapters of older projects have the folder itself there.
    """
    record = bases.read(adapter)
    asked = None if record is None else record.get("asked")
    if record is None or asked is None or not asked.startswith(PLACES):
        return record
    own = None if record.get("hub_id") else Path(asked).name
    return {**record, "asked": None, "folder": own}


def _change(path: Path, **values: Any) -> None:
    document = json.loads(path.read_bytes())
    text = json.dumps({**document, **values}, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
