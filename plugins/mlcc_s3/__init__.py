"""Datasets in S3: an object, or all data files under a prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcc_core import Source

if TYPE_CHECKING:
    from typing import BinaryIO

    from mlcc_core import Access, DatasetFile, Listing


class S3Source(Source):
    """``s3://`` URIs, with the credentials that the AWS SDK finds."""

    name = "s3"
    api_version = "2.0"
    schemes = ("s3",)
    uri_help = "s3://bucket/key-or-prefix[?config=name][&split=name][&file=pattern]"

    def list(self, uri: str, access: Access) -> Listing:
        from mlcc_s3.listing import find

        return find(uri, access.settings)

    def open(self, file: DatasetFile, access: Access) -> BinaryIO:
        from mlcc_s3.reading import open_file

        return open_file(file, access.settings)


plugin = S3Source()
