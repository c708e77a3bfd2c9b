"""The base that an adapter was trained on, written down beside the adapter.

``base_model.json``:

    {"format": 1, "asked": "org/name", "hub_id": "org/name", "revision": "3f2a…",
     "vocabulary_size": 151936, "fingerprint": {…}, "folder": null, "run": null}

No path of this machine is in it, as outputs are handed on: of a base that was a folder ``folder``
is the folder's name, and ``asked`` is null. ``run`` is the job that made the base, where that is
known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlcc_engine.base import fingerprint
from mlcc_engine.base.fingerprint import Likeness
from mlcc_engine.hub.names import of_snapshot, parse
from mlcc_engine.model import contexts, tiny
from mlcc_engine.smollm2 import model as smollm2
from mlcc_engine.start import lineage

FILE = "base_model.json"
FORMAT = 1

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z", re.ASCII)


def name_of(model: str, cache: Path) -> str:
    """Return what an adapter records as its base: a name that is good on other machines.

    Of a folder whose Hub id is not known, that is the folder's name.

    Args:
        model: as the user asked for it.
        cache: where the built-in models live.
    """
    if model == smollm2.NAME:
        return smollm2.HUB_ID
    if model == tiny.NAME:
        return model
    if not is_folder(model):
        name = parse(model)
        return model if name is None else name.id
    folder = Path(model).expanduser().resolve()
    return hub_id_of(folder, cache) or folder.name


def hub_id_of(folder: Path, cache: Path) -> str | None:
    """Return the Hub id of the model in a folder, if its place or its config tells one.

    A config also keeps the id of the model that it was tuned from: the id is not taken where
    the model of that name is on this machine and has other weights.
    """
    if found := of_snapshot(str(folder)):
        return found.id
    if lineage.read(folder) is not None:
        return None  # tuned here: whatever it came from is another model
    named = contexts.read_document(folder).get("_name_or_path")
    if not isinstance(named, str) or not HUB_ID.match(named) or Path(named).exists():
        return None
    theirs = fingerprint.find(named, cache)
    if theirs is None:
        return named
    likeness = fingerprint.compare(theirs, fingerprint.find(str(folder), cache))
    return None if likeness is Likeness.OTHER else named


def write(output: Path, asked: str, base: str, source: str, cache: Path) -> None:
    """Write down beside an adapter what it was trained on.

    Args:
        output: the adapter's folder.
        asked: the model as the user named it.
        base: as :func:`name_of` has it.
        source: what the base was loaded by: a folder or a Hub id.
        cache: where the built-in models live.

    Raises:
        OSError: the disk refuses.
    """
    folder = fingerprint.place(source, cache)
    made = None if folder is None else lineage.read(folder)
    own = is_folder(asked)
    document = {
        "format": FORMAT,
        "asked": None if own else asked,
        "folder": Path(base).name if own and not HUB_ID.match(base) else None,
        "hub_id": base if HUB_ID.match(base) else None,
        "revision": revision_of(source),
        "vocabulary_size": None if folder is None else vocabulary_size(folder),
        "fingerprint": fingerprint.find(source, cache),
        "run": None if made is None else made.job,
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (output / FILE).write_text(text, encoding="utf-8")


def is_folder(model: str) -> bool:
    """Return whether a model as the user asked for it is a folder of this machine."""
    built_in = model in (tiny.NAME, smollm2.NAME)
    return not built_in and Path(model).expanduser().is_dir()


def revision_of(source: str) -> str | None:
    """Return the commit of the Hub that a model was loaded from, if it was."""
    found = of_snapshot(source)
    return None if found is None else found.revision


def read(adapter: Path) -> Mapping[str, Any] | None:
    """Return what is written beside an adapter; ``None`` for one that was made elsewhere."""
    with suppress(OSError, ValueError):
        document = json.loads((adapter / FILE).read_bytes())
        if isinstance(document, dict) and document.get("format") == FORMAT and _sound(document):
            return document
    return None


def _sound(document: Mapping[str, Any]) -> bool:
    texts = [document.get(key) for key in ("asked", "hub_id", "folder")]
    known = isinstance(document.get("fingerprint"), (dict, type(None)))
    return known and all(isinstance(text, (str, type(None))) for text in texts)


def vocabulary_size(folder: Path) -> int | None:
    """Return how many tokens a model has embeddings for, as its config says."""
    config = contexts.read_document(folder)
    inner = config.get("text_config")
    text = inner if isinstance(inner, Mapping) else config
    size = text.get("vocab_size")
    return size if isinstance(size, int) else None
