"""Data stores: where datasets are kept for jobs to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.contract.platform.values import Context, InPlaceRead, Sink, Staged

if TYPE_CHECKING:
    from mlcc_core.contract.source import Listing


class DataStore(ABC):
    """The part of a platform that keeps datasets: whole or not at all, under keys of the core."""

    @abstractmethod
    def reads_in_place(self, context: Context, listing: Listing) -> InPlaceRead:
        """Return whether jobs can read this dataset where it is, and under which URI.

        That takes one plain JSONL file that they reach and may read. Nothing is written.
        """

    @abstractmethod
    def find_staged(self, context: Context, key: str) -> Staged | None:
        """Return the dataset that was committed under ``key``, if it is there and whole."""

    @abstractmethod
    def stage(self, context: Context, key: str) -> AbstractContextManager[Sink]:
        """Open a sink for ``key``; leaving the context without a commit leaves nothing behind."""

    @abstractmethod
    def open_staged(self, context: Context, uri: str) -> BinaryIO:
        """Open a dataset that jobs read at ``uri``, from its first byte."""
