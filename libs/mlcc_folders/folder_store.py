"""The data store of a project's folder."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import BinaryIO

from mlcc_core import Context, DataStore, InPlaceRead, Listing, Sink, Staged
from mlcc_folders import staged

LINE_FORMATS = (".jsonl", ".ndjson")


class FolderStore(DataStore):
    """Keeps staged datasets in ``.mlcc/staged``, and lets jobs read files of this machine."""

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        only = listing.files[0]
        plain = len(listing.files) == 1 and only.exact and only.name.endswith(LINE_FORMATS)
        return InPlaceRead(str(only.path.absolute()) if plain and only.path is not None else None)

    def find_staged(self, context: Context, key: str) -> Staged | None:
        return staged.find_staged(context.root, key)

    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        return staged.stage(context.root, key)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        return staged.open_staged(uri)
