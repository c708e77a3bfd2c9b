"""Staged datasets: ``.mlcc/staged/<key>.jsonl``, with its record beside it; whole or not there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mlcc_core import MlccError, PlatformError, Sink, Staged
from mlcc_core.helpers import (
    disk_error,
    disk_errors,
    is_full,
    new_draft,
    remove_old_drafts,
    write_atomically,
)
from mlcc_folders.job.folders import read_document

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
BYTES = "bytes"
"""Key of the record: the size of the file that belongs to it."""


class StagedSink(Sink):
    """Writes a draft, and renames it when it is committed."""

    def __init__(self, draft: Path, target: Path) -> None:
        self.file: BinaryIO = draft.open("wb")
        self._draft = draft
        self._target = target

    def commit(self, record: Mapping[str, object]) -> str:
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        size = self._draft.stat().st_size
        self._draft.chmod(0o644)
        self._draft.replace(self._target)
        document = json.dumps({**record, BYTES: size}, ensure_ascii=False, indent=2)
        write_atomically(record_of(self._target), document.encode() + b"\n")
        return str(self._target)


def staged_folder(root: Path) -> Path:
    """Return the folder of the project's staged datasets."""
    return root.resolve() / ".mlcc" / "staged"


def record_of(dataset: Path) -> Path:
    """The record of a staged dataset."""
    return dataset.with_suffix(".json")


def find_staged(root: Path, key: str) -> Staged | None:
    """The dataset of that key, if data and record are there and belong together."""
    dataset = _dataset(root, key)
    record = read_document(record_of(dataset))
    if record is None or not isinstance(record.get("rows"), int):
        return None
    try:
        whole = dataset.stat().st_size == record.get(BYTES)
    except OSError:
        return None
    return Staged(str(dataset), record["rows"], record) if whole else None


@contextmanager
def stage(root: Path, key: str) -> Iterator[StagedSink]:
    """A sink for ``key``; leaving without a commit leaves nothing behind.

    Raises:
        PlatformError: the disk is full or refuses, whichever library it was that noticed.
    """
    target = _dataset(root, key)
    with disk_errors(doing="stage the dataset"):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_old_drafts(target.parent)
        draft = new_draft(target)
        sink = StagedSink(draft, target)
    try:
        yield sink
    except MlccError:
        raise
    except OSError as error:
        raise disk_error(error, doing="stage the dataset") from None
    except Exception as error:
        if is_full(error):
            raise disk_error(error, doing="stage the dataset") from None
        raise
    finally:
        with suppress(OSError):
            sink.file.close()
        draft.unlink(missing_ok=True)


def open_staged(uri: str) -> BinaryIO:
    """A reader of the dataset at ``uri``, from its first byte.

    Raises:
        PlatformError: it is not there any more.
    """
    try:
        return Path(uri).expanduser().open("rb")
    except FileNotFoundError:
        raise PlatformError(
            f"The dataset {uri} is gone.", hint="run the command again: it stages it anew"
        ) from None
    except OSError as error:
        raise disk_error(error, doing=f"read the dataset {uri}") from None


def _dataset(root: Path, key: str) -> Path:
    if not KEY.match(key):
        raise MlccError(f"{key!r} is not a key for a staged dataset.")
    return staged_folder(root) / f"{key}.jsonl"
