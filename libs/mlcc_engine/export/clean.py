"""Files that leave this machine say nothing of it: no path of its folders is in any of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mlcc_engine.hub.cache import cache_folder
from mlcc_engine.model.models import default_cache

NOTES = (
    *("_name_or_path", "name_or_path", "tokenizer_file", "vocab_file", "merges_file"),
    *("is_local", "local_files_only", "_from_model_config"),
)
"""Keys under which libraries note how they loaded something here."""


def clean(folder: Path, sources: Iterable[str] = ()) -> None:
    """Take places on this machine out of the JSON documents of a folder.

    Args:
        folder: of what leaves.
        sources: further places: what it was made from.

    Raises:
        OSError: a file cannot be read or written.
    """
    places = _places(sources)
    for path in sorted(folder.glob("*.json")):
        if path.name == "tokenizer.json" or path.name.endswith(".index.json"):
            continue  # large, and without a word of where they come from
        document = json.loads(path.read_bytes())
        cleaned = _without(document, places)
        if cleaned != document:
            text = json.dumps(cleaned, indent=2, ensure_ascii=False) + "\n"
            path.write_text(text, encoding="utf-8")


def _places(sources: Iterable[str]) -> Sequence[str]:
    here = (str(Path.cwd()), str(Path.home()), str(default_cache()), str(cache_folder()))
    return [text for text in (*here, *sources) if text.startswith("/") and len(text) > 1]


def _without(value: Any, places: Sequence[str]) -> Any:
    """Return a value without entries of objects that name a place."""
    if isinstance(value, dict):
        return {
            key: _without(each, places)
            for key, each in value.items()
            if key not in NOTES and not (isinstance(each, str) and _names(each, places))
        }
    if isinstance(value, list):
        return [_without(each, places) for each in value]
    return value


def _names(text: str, places: Sequence[str]) -> bool:
    return text.startswith(("/", "~", "file://")) and any(place in text for place in places)
