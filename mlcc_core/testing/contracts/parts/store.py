"""The contract of every data store, as tests."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from mlcc_core.contract.platform.store import DataStore
from mlcc_core.contract.platform.values import Context
from mlcc_core.contract.source import DatasetFile, Listing
from mlcc_core.testing.contracts.parts.part import PartContract

RECORD: Mapping[str, object] = {"rows": 2, "checksum": "c0ffee"}


class StoreContract(PartContract):
    """Subclass it, give ``store``; better ``context``, too (see :meth:`PartContract.context`)."""

    @pytest.fixture
    def store(self) -> DataStore:
        """Return the data store under test."""
        raise NotImplementedError("a subclass of StoreContract gives the fixture `store`")

    def test_nothing_is_staged_under_a_new_key(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """A key that was never committed has no dataset: ``None``, not an error."""
        assert store.find_staged(context, f"{unique}-none") is None

    def test_a_committed_dataset_is_found_and_read(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """A committed dataset is found under its key with its record, and read byte for byte."""
        uri = stage(store, context, f"{unique}-1", self.rows)
        staged = store.find_staged(context, f"{unique}-1")
        assert staged is not None
        assert staged.uri == uri
        assert staged.rows == RECORD["rows"]
        assert staged.record.items() >= RECORD.items()
        with store.open_staged(context, uri) as reader:
            assert reader.read() == self.rows
            reader.seek(1)
            assert reader.read(1) == self.rows[1:2]

    def test_keys_are_kept_apart(self, store: DataStore, context: Context, unique: str) -> None:
        """Datasets of two keys lie at two places: neither replaces the other."""
        first = stage(store, context, f"{unique}-1", self.rows)
        second = stage(store, context, f"{unique}-2", self.rows * 2)
        assert first != second
        with store.open_staged(context, first) as reader:
            assert reader.read() == self.rows

    def test_what_is_not_committed_is_not_there(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """A sink that is left without a commit, by an exception or not, leaves no dataset."""
        with store.stage(context, f"{unique}-1") as sink:
            sink.file.write(self.rows)
        assert store.find_staged(context, f"{unique}-1") is None
        with suppress(ZeroDivisionError), store.stage(context, f"{unique}-1") as sink:
            sink.file.write(self.rows)
            raise ZeroDivisionError
        assert store.find_staged(context, f"{unique}-1") is None

    def test_two_parts_appear_together(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """Rows to train on and rows held out are found under one key, each byte for byte."""
        key, held_out = f"{unique}-parts", self.rows[: self.rows.index(b"\n") + 1]
        with store.stage_parts(context, key) as parts:
            parts.training.file.write(self.rows)
            parts.validation.file.write(held_out)
            assert store.find_parts(context, key) is None
            uri, validation = parts.commit(RECORD, {"rows": 1})
        staged = store.find_parts(context, key)
        assert staged is not None
        assert (staged.uri, staged.validation) == (uri, validation)
        assert staged.rows == RECORD["rows"]
        assert staged.record.items() >= RECORD.items()
        assert validation is not None
        for place, data in ((uri, self.rows), (validation, held_out)):
            with store.open_staged(context, place) as reader:
                assert reader.read() == data

    def test_a_second_part_need_not_come(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """A dataset of which no row is held out after all has one part."""
        key = f"{unique}-parts"
        with store.stage_parts(context, key) as parts:
            parts.training.file.write(self.rows)
            parts.commit(RECORD, None)
        staged = store.find_parts(context, key)
        assert staged is not None
        assert staged.validation is None

    def test_without_a_commit_neither_part_is_there(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """Both parts are dropped by an exception between them, and when none is committed."""
        key = f"{unique}-parts"
        with suppress(ZeroDivisionError), store.stage_parts(context, key) as parts:
            parts.training.file.write(self.rows)
            parts.validation.file.write(self.rows)
            parts.validation.commit({"rows": 2})
            raise ZeroDivisionError
        assert store.find_parts(context, key) is None

    def test_staging_again_is_harmless(
        self, store: DataStore, context: Context, unique: str
    ) -> None:
        """A second commit under a key succeeds and has the same URI: two runs may stage at once."""
        first = stage(store, context, f"{unique}-1", self.rows)
        assert stage(store, context, f"{unique}-1", self.rows) == first

    def test_a_converted_or_divided_dataset_is_never_read_in_place(
        self, store: DataStore, context: Context, tmp_path: Path
    ) -> None:
        """Jobs read one plain JSONL file where it is, and nothing else: others are staged."""

        def uri(*names: str) -> str | None:
            return store.reads_in_place(context, listing(*names)).uri

        def listing(*names: str) -> Listing:
            files = (DatasetFile(n, f"x://{n}", 1, "f", tmp_path / n) for n in names)
            return Listing("x://d", tuple(files), "d")

        assert uri("a.parquet") is None
        assert uri("a.jsonl.gz") is None
        assert uri("a.jsonl", "b.jsonl") is None


def stage(store: DataStore, context: Context, key: str, data: bytes) -> str:
    """Commit ``data`` under ``key``.

    Args:
        store: that keeps it.
        context: the surroundings.
        key: of the dataset.
        data: its bytes.

    Returns:
        The URI that jobs read it at.
    """
    with store.stage(context, key) as sink:
        sink.file.write(data)
        return sink.commit(RECORD)
