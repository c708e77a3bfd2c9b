"""Rows of a source that has no files, as the pipeline reads them."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlcc_core import build_manager
from mlcc_core.actions.check import check
from mlcc_core.actions.requests import CheckRequest
from mlcc_core.contract.source import Access, DatasetFile, Listing, Source
from mlcc_core.errors import MlccError, PluginError
from mlcc_core.helpers.rows.stream import RowStream, json_lines
from mlcc_core.testing.contracts.source import SourceContract
from tests.mlcc_core.world import ROWS, World, make_world


class Table(Source):
    """Rows that are made while they are read; it counts its open readers."""

    name: ClassVar[str] = "table"
    schemes: ClassVar[tuple[str, ...]] = ("table",)
    uri_help: ClassVar[str] = "table://name"

    def __init__(self, rows: list[Any]) -> None:
        self.table = rows
        self.open_readers = 0

    def list(self, uri: str, access: Access) -> Listing:
        if uri != "table://one":
            raise MlccError(f"There is no table at {uri}.", where="--dataset")
        file = DatasetFile("one.jsonl", uri, None, str(hash(str(self.table))))
        return Listing(uri, (file,), "table one")

    def rows(self, file: DatasetFile, access: Access) -> Iterator[Mapping[str, object]]:
        self.open_readers += 1
        try:
            yield from self.table
        finally:
            self.open_readers -= 1


class TestTable(SourceContract):
    """The suite, for a source that gives its rows."""

    @pytest.fixture
    def source(self) -> Source:
        self.table = Table(list(ROWS))
        return self.table

    @pytest.fixture
    def uri(self) -> str:
        return "table://one"

    @pytest.fixture
    def rows(self) -> Mapping[str, Any]:
        return {"one.jsonl": list(ROWS)}

    @pytest.fixture
    def missing_uri(self) -> str:
        return "table://two"


def test_rows_are_checked_and_staged_like_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch):
    world = make_world(folder)
    table = Table(list(ROWS))
    monkeypatch.setattr(World, "nouns", [table, *world.nouns])
    report = check(world.session(), CheckRequest("fake", "table://one"))
    assert (report.valid, report.error_count, table.open_readers) == (len(ROWS), 0, 0)
    record = world.record(world.tune(dataset="table://one").job)
    assert (record.rows, record.plugins["source table"]) == (len(ROWS), "given in code")
    table.table.append({"prompt": 1})
    error = world.refused(dataset="table://one", force=True)
    assert "one.jsonl, line 13, column 'prompt': found number" in error.what
    assert table.open_readers == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"prompt": b"x"}, "Row 2 of table://one, column 'prompt': found bytes"),
        ({"a": 1, "when": date(2020, 1, 1)}, "Row 2 of table://one, column 'when': found date"),
        ({"score": float("nan")}, "column 'score': found nan, expected a value that JSON can hold"),
        ({"text": "\ud800"}, "column 'text': found str"),
        (("a", "b"), "Row 2 of table://one is a tuple, expected a mapping"),
    ],
)
def test_a_value_that_json_cannot_hold_is_named_with_row_and_column(row, words):
    with pytest.raises(MlccError) as caught:
        list(json_lines([{"prompt": "a"}, row], "table://one"))
    assert words in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["a", "b"], "yield dict(zip(columns, row))"),
        (("a", "b"), "yield dict(zip(columns, row))"),
        ('{"prompt": "a"}', "yield json.loads(row)"),
        (b"{}", "yield json.loads(row)"),
        (7, 'yield {"column": row}'),
    ],
)
def test_a_row_that_is_no_mapping_tells_the_author_what_to_yield(row, code):
    with pytest.raises(PluginError) as caught:
        list(json_lines([row], "table://one"))
    assert caught.value.hint == f"in rows() of the plugin: {code}"


def test_a_source_that_fails_between_two_rows_is_named():
    def rows() -> Iterator[Mapping[str, object]]:
        yield {"a": 1}
        raise KeyError("cursor")

    with pytest.raises(PluginError, match="rows of table://one failed: KeyError: 'cursor'"):
        RowStream(rows, "table://one").read()


def test_rows_pass_one_at_a_time():
    def rows() -> Iterator[Mapping[str, object]]:
        for number in range(400):
            yield {"text": f"{number}" + "x" * 100_000}

    with RowStream(rows, "table://one") as stream:
        tracemalloc.start()
        size = sum(len(line) for line in iter(lambda: stream.read(1 << 16), b""))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert size > 40_000_000
    assert peak < 2_000_000


def test_buffered_and_line_by_line():
    rows = [{"n": number} for number in range(5)]
    with io.BufferedReader(RowStream(lambda: rows, "t")) as reader:
        assert [json.loads(line) for line in reader] == rows
    with pytest.raises(ValueError, match="negative"):
        RowStream(lambda: rows, "t").seek(-1)


def test_a_source_with_neither_is_refused():
    class Neither(Source):
        name = "neither"
        schemes = ("neither",)
        uri_help = "neither://"

        def list(self, uri: str, access: Access) -> Listing:
            raise MlccError("none")

    with pytest.raises(PluginError, match="it has neither open nor rows"):
        build_manager([Neither()])
