"""Answers of the price list, kept on this machine for a day: no command waits for them twice."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mlcc_core.helpers import default_cache, write_atomically

DAY_SECONDS = 24 * 60 * 60.0
READ_WRITE = 0o666


def cache_file(*asked: object) -> Path:
    """Return the file of what was asked: the place, the service, the filters."""
    text = json.dumps(asked, sort_keys=True)
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"
    return default_cache() / "aws-prices" / name


def read_kept(path: Path, now: float) -> tuple[float, tuple[str, ...]] | None:
    """Return when the list was asked and its items; ``None`` where it is to be asked anew.

    A file that is damaged, a day old or from the future counts for nothing.
    """
    try:
        document = json.loads(path.read_bytes())
        asked, items = float(document["asked"]), document["items"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    fresh = asked <= now < asked + DAY_SECONDS
    whole = isinstance(items, list) and all(isinstance(item, str) for item in items)
    return (asked, tuple(items)) if fresh and whole else None


def keep(path: Path, asked: float, items: Sequence[str]) -> None:
    """Keep an answer, where the folder can be written; with the mode that the umask leaves."""
    data = json.dumps({"asked": asked, "items": list(items)}).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data, mode=path.parent.stat().st_mode & READ_WRITE)


def day_of(asked: float) -> str:
    """Return the day, UTC: ``2026-11-30``."""
    return time.strftime("%Y-%m-%d", time.gmtime(asked))
