"""Data stores: where datasets are kept for jobs to read."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from mlcc_core.contract.platform.values import Context, InPlaceRead, Sink, Staged

if TYPE_CHECKING:
    from mlcc_core.contract.source import Listing


VALIDATION = "validation"
"""Ends the key of a second part; in the record of the first one, the key of its place."""


@dataclass(frozen=True)
class Parts:
    """The sinks of a dataset of two parts, of which both appear or none.

    Attributes:
        training: takes the rows to train on.
        validation: takes the rows that are held out.
    """

    training: Sink
    validation: Sink

    def commit(
        self, record: Mapping[str, object], validation: Mapping[str, object] | None
    ) -> tuple[str, str | None]:
        """Make both parts visible under their key; the second one first, which the first names.

        Args:
            record: of the rows to train on, as :meth:`Sink.commit` takes it.
            validation: of the rows that are held out; ``None``: none are after all, and there is
                no second part.

        Returns:
            The places of both.
        """
        place = None if validation is None else self.validation.commit(validation)
        return self.training.commit({**record, VALIDATION: place}), place


class DataStore(ABC):
    """The part of a platform that keeps datasets: whole or not at all, under keys of the core.

    A dataset may have a second part, the rows that are held out of training. It is kept as a
    dataset of its own under a key beside the first, which a store need not know of: override
    :meth:`find_parts` and :meth:`stage_parts` together where the two are kept otherwise.
    """

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
        """Open a dataset that jobs read at ``uri``, from its first byte; the file can seek."""

    def find_parts(self, context: Context, key: str) -> Staged | None:
        """Return the dataset that was committed under ``key``, if all parts of it are there."""
        staged = self.find_staged(context, key)
        if staged is None or staged.record.get(VALIDATION) is None:
            return staged
        validation = self.find_staged(context, beside(key))
        if validation is None:
            return None
        return dataclasses.replace(staged, validation=validation.uri)

    def stage_parts(self, context: Context, key: str) -> AbstractContextManager[Parts]:
        """Open the sinks of a dataset of two parts; as for :meth:`stage`, without a commit."""
        return _both(self, context, key)


def beside(key: str) -> str:
    """Return the key of the second part of the dataset of a key."""
    return f"{key}-{VALIDATION}"


@contextmanager
def _both(store: DataStore, context: Context, key: str) -> Iterator[Parts]:
    with (
        store.stage(context, beside(key)) as validation,
        store.stage(context, key) as training,
    ):
        yield Parts(training, validation)
