"""Datasets on this machine: a file, or all data files of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core import Source

if TYPE_CHECKING:
    from typing import BinaryIO

    from mlcc_core import Access, DatasetFile, Listing


class FileSource(Source):
    """Paths and ``file://`` URIs."""

    name = "file"
    api_version = "2.0"
    schemes = ("", "file")
    uri_help = "path/to/file-or-folder[/split][?config=name][&split=name][&file=pattern]"

    def list(self, uri: str, access: Access) -> Listing:
        from mlcc_file.resolve import find

        return find(uri)

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        from mlcc_file.reading import open_file

        return open_file(file)


plugin = FileSource()
