"""Datasets in the storage that the cluster shares: ``staged/<key>.jsonl``, its record beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from mlcc_core import (
    Context,
    DataStore,
    InPlaceRead,
    Listing,
    MlccError,
    PlatformError,
    Sink,
    Staged,
)
from mlcc_ray.settings import storage_of

if TYPE_CHECKING:
    from mlcc_ray.storage import Storage, Writer

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
BYTES = "bytes"
"""Key of the record: the size of the file that belongs to it."""


class RayStore(DataStore):
    """Keeps staged datasets in the storage; jobs read no others."""

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        return InPlaceRead()

    def find_staged(self, context: Context, key: str) -> Staged | None:
        storage = storage_of(context)
        found = storage.read_or_none(f"{_place(key)}.json")
        if found is None:
            return None
        try:
            record = json.loads(found)
        except ValueError:
            return None
        dataset = f"{_place(key)}.jsonl"
        if not isinstance(record, dict) or not isinstance(record.get("rows"), int):
            return None
        whole = storage.size(dataset) == record.get(BYTES)
        return Staged(storage.address(dataset), record["rows"], record) if whole else None

    @contextmanager
    def stage(self, context: Context, key: str) -> Iterator[StorageSink]:
        storage, place = storage_of(context), _place(key)
        writer = storage.open_write(f"{place}.jsonl")
        try:
            yield StorageSink(storage, place, writer)
        finally:
            writer.abort()

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        from mlcc_ray.storage import NotThere

        storage = storage_of(context)
        path = uri.removeprefix(f"{storage.uri}/")
        if path == uri:
            raise PlatformError(
                f"The dataset {uri} is not in the storage {storage.uri}.",
                where="RAY_STORAGE",
                hint="run the command again: it stages it anew",
            )
        try:
            return storage.open_read(path)
        except NotThere:
            raise PlatformError(
                f"The dataset {uri} is gone.", hint="run the command again: it stages it anew"
            ) from None


class StorageSink(Sink):
    """Writes to the storage, where the dataset appears when it is committed."""

    def __init__(self, storage: Storage, place: str, writer: Writer) -> None:
        self._storage, self._place, self._writer = storage, place, writer
        self.file = cast("BinaryIO", writer)

    def commit(self, record: Mapping[str, object]) -> str:
        self._writer.finish()
        document = {**record, BYTES: self._writer.size}
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        self._storage.write(f"{self._place}.json", text.encode())
        return self._storage.address(f"{self._place}.jsonl")


def _place(key: str) -> str:
    """Return the path of a dataset in the storage, without its ending."""
    if not KEY.match(key):
        raise MlccError(f"{key!r} is not a key for a staged dataset.")
    return f"staged/{key}"
