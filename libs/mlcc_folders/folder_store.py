"""The data store of a project's folder."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from mlcc_core import Context, DataStore, InPlaceRead, Listing, Sink, Staged
from mlcc_folders import staged

LINE_FORMATS = (".jsonl", ".ndjson")


class FolderStore(DataStore):
    """Keeps staged datasets in ``.mlcc/staged``, and lets jobs read files of this machine."""

    def root(self, context: Context) -> Path:
        """Return the folder that ``.mlcc/staged`` is in: by default the project's.

        Override it for a folder that other machines see, too, which must exist; datasets that lie
        outside of it are then copied.
        """
        return context.root

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        only = listing.files[0]
        plain = len(listing.files) == 1 and only.exact and only.name.endswith(LINE_FORMATS)
        if not plain or only.path is None:
            return InPlaceRead()
        path, root = only.path.absolute(), self.root(context).resolve()
        if root == context.root.resolve() or path.resolve().is_relative_to(root):
            return InPlaceRead(str(path))
        return InPlaceRead(note=f"Jobs read the folder {root} alone: a copy is put there.")

    def find_staged(self, context: Context, key: str) -> Staged | None:
        return staged.find_staged(self.root(context), key)

    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        return staged.stage(self.root(context), key)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        return staged.open_staged(uri)
