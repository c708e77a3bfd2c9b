"""Datasets in the output bucket."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core import DataStore

if TYPE_CHECKING:
    from mlcc_core import Context, InPlaceRead, Listing, Sink, Staged


class BucketStore(DataStore):
    """Keeps staged datasets in the output bucket, and lets jobs read objects of S3."""

    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        from mlcc_sagemaker.data.in_place import reads_in_place

        return reads_in_place(context, listing)

    def find_staged(self, context: Context, key: str) -> Staged | None:
        from mlcc_sagemaker.data.staging import find_staged

        return find_staged(context, key)

    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        from mlcc_sagemaker.data.staging import stage

        return stage(context, key)

    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        from mlcc_sagemaker.data.staging import open_staged

        return open_staged(context, uri)
