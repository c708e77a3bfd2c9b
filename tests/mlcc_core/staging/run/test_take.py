"""The first rows of a dataset alone, in every format: what is read, written and not reached."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.staging import DatasetError, check, preview, stage
from mlcc_core.staging.model.rows import InvalidRow, TableBatch
from mlcc_core.staging.run.budget import ReadLimit, first_rows
from tests.example_count import examples
from tests.mlcc_core.staging.datasets import jsonl, make_job, on_disk, parquet, staged

Row = dict[str, Any]


def rows(count: int, start: int = 0) -> list[Row]:
    return [{"prompt": f"{n}", "completion": f"c{n}"} for n in range(start, start + count)]


def array(some: list[Row]) -> bytes:
    return json.dumps(some, indent=1).encode()


def csv(some: list[Row]) -> bytes:
    lines = [f'"{row["prompt"]}","{row["completion"]}"' for row in some]
    return ("prompt,completion\n" + "".join(f"{line}\n" for line in lines)).encode()


def arrow(some: list[Row]) -> bytes:
    table = pa.Table.from_pylist(some)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return sink.getvalue()


def row_groups(some: list[Row]) -> bytes:
    return parquet(some, row_group_size=7)


WRITERS = {
    "jsonl": lambda some: jsonl(*some),
    "json": array,
    "csv": csv,
    "arrow": arrow,
    "parquet": row_groups,
}
COUNTED = ("parquet",)
"""Formats whose footer says how many rows there are."""


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("take", [1, 7, 10, 15, 29, 30, 31, 1000])
def test_the_first_rows_in_every_format(suffix, take):
    job = make_job({f"data.{suffix}": WRITERS[suffix](rows(30))}, take=take)
    written, report = staged(job)
    assert written == rows(30)[:take]
    assert report.ledger.read == min(take, 30)
    (entry,) = report.ledger.files
    if take >= 30:
        assert entry.not_reached is None
    elif suffix in COUNTED:
        assert entry.not_reached.rows == 30 - take
        assert report.ledger.in_words().endswith(
            f"; not reached: {30 - take} row" + "s" * (take < 29)
        )
    else:
        assert entry.not_reached.rows is None
        assert "; not reached: the rest" in report.ledger.in_words()


@pytest.mark.parametrize("suffix", WRITERS)
def test_over_several_files(suffix, tmp_path):
    parts = [rows(5), rows(5, 5), rows(5, 10)]
    files = {
        f"{name}.{suffix}": WRITERS[suffix](part) for name, part in zip("abc", parts, strict=True)
    }
    for job in (make_job(files, take=7), on_disk(files, tmp_path, take=7)):
        written, report = staged(job)
        assert written == rows(7)
        assert [entry.read for entry in report.ledger.files] == [5, 2, 0]
        assert report.ledger.files[0].not_reached is None
        left, not_opened = report.ledger.not_reached
        assert left.rows == (3 if suffix in COUNTED else None)
        assert not_opened.rows in (5, None)
        assert not any("has no rows" in warning for warning in report.warnings)


@pytest.mark.parametrize("suffix", ["jsonl", "json", "csv"])
def test_rows_after_them_may_be_wrong_and_those_among_them_may_not(suffix):
    late = [*rows(20), {"prompt": "", "completion": None}]
    job = make_job({f"data.{suffix}": WRITERS[suffix](late)})
    if suffix == "csv":
        job = make_job({"data.csv": csv(rows(20)) + b"a,b,c\n"})
    for take in (1, 20):
        taken = replace(job, conversion=replace(job.conversion, take=take))
        assert staged(taken)[0] == rows(take)
        assert check(taken).ok
    taken = replace(job, conversion=replace(job.conversion, take=21))
    with pytest.raises(DatasetError):
        staged(taken)
    assert check(taken).error_count == 1


def test_what_cannot_be_read_any_more_does_not_matter():
    whole = array(rows(12))
    assert staged(make_job({"data.json": whole[:-3]}, take=10))[0] == rows(10)
    with pytest.raises(DatasetError, match="line"):
        staged(make_job({"data.json": whole[:-3]}, take=12))


def test_rows_left_out_are_among_those_taken():
    turn = {"role": "user", "content": "b"}
    some = [{"prompt": f"{n}", "completion": [turn] * (1 + (n == 3))} for n in range(9)]
    report = stage(make_job(jsonl(*some), take=5, on_misfit="skip"), io.BytesIO())
    assert (report.ledger.read, report.ledger.written, report.ledger.skipped) == (5, 4, 1)


class Counting(io.BytesIO):
    """A file that counts what is read of it, far away."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.count = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet", "json"])
def test_a_large_file_is_not_read_to_its_end(suffix):
    text = "x" * 1000
    some = [{"prompt": f"{n}", "completion": f"{n}{text}"} for n in range(40_000)]
    writers = {
        **WRITERS,
        "parquet": lambda them: parquet(them, row_group_size=500, compression=None),
    }
    data = writers[suffix](some)
    job = make_job({f"data.{suffix}": data}, take=100)
    opened: list[Counting] = []

    def open_counted(file: Any, access: Any) -> Counting:
        opened.append(Counting(data))
        return opened[-1]

    job.source.open = open_counted
    assert len(staged(job)[0]) == 100
    assert sum(file.count for file in opened) < len(data) / 2


def test_the_key_is_another_one_for_each_number():
    job = make_job(jsonl(*rows(3)))
    keys = [
        preview(replace(job, conversion=replace(job.conversion, take=take))).key
        for take in (None, 1, 2)
    ]
    assert len(set(keys)) == 3


def test_a_plain_file_is_one_however_many_of_its_rows_are_taken():
    assert preview(make_job(jsonl(*rows(3)))).plain
    assert preview(make_job(jsonl(*rows(3)), take=2)).plain
    assert not preview(make_job(jsonl(*rows(3)), on_misfit="skip")).plain


@pytest.mark.parametrize(
    ("take", "says"), [(2, "only the first 2 rows"), (9, "no more than 3 rows")]
)
def test_a_check_says_what_was_taken(take, says):
    report = check(make_job(jsonl(*rows(3)), take=take))
    assert says in report.notes[-1]
    assert report.rows == min(take, 3)


def test_hints_take_them_too():
    job = make_job(jsonl(*rows(3)), take=2)
    assert job.command_with().endswith("--take 2")
    assert job.check_hint().endswith("--take 2")


def test_no_more_bytes_than_the_limit():
    data = jsonl(*rows(40_000))
    report = stage(make_job(data), io.BytesIO(), limit=ReadLimit(bytes=len(data) // 2))
    (left,) = report.ledger.not_reached
    assert left.rows is None
    assert 0 < left.bytes <= len(data) // 2
    assert 1000 < report.ledger.read < 40_000
    assert f"; not reached: the rest, about {left.bytes:,} bytes" in report.ledger.in_words()


def test_a_batch_that_is_cut_keeps_the_order_of_rows_that_are_not_in_its_table():
    table = pa.RecordBatch.from_pylist([{"a": n} for n in (1, 2, 5, 6)])
    wrong = [InvalidRow(3, b"", []), InvalidRow(4, b"", []), InvalidRow(7, b"", [])]
    batch = TableBatch([1, 2, 5, 6], table, wrong)
    for count in range(1, 7):
        cut = first_rows(batch, count)
        numbers = sorted([*cut.numbers, *(row.number for row in cut.invalid)])
        assert numbers == list(range(1, count + 1))
        assert cut.rows.column(0).to_pylist() == list(cut.numbers)


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sizes=st.lists(st.integers(1, 25), min_size=1, max_size=4),
    wrong=st.sets(st.integers(0, 60)),
    take=st.integers(1, 70),
)
def test_all_formats_take_the_same_rows(sizes, wrong, take, tmp_path_factory):
    flat = [
        {"prompt": f"{n}", "completion": None if n in wrong else "c"} for n in range(sum(sizes))
    ]
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    parts = [flat[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    good = [row for row in flat[:take] if row["completion"] is not None]
    for suffix in ("jsonl", "json", "arrow", "parquet"):
        files = {f"{index}.{suffix}": typed(suffix, part) for index, part in enumerate(parts)}
        folder = tmp_path_factory.mktemp("data")
        for job in (make_job(files, take=take), on_disk(files, folder, take=take)):
            fixed = io.BytesIO()
            report = check(job, fixed=fixed)
            assert [json.loads(line) for line in fixed.getvalue().splitlines()] == good
            assert report.rows == min(take, len(flat))
            assert report.error_count == len(flat[:take]) - len(good)
            rest = report.ledger.not_reached
            assert bool(rest) == (take < len(flat))
            if suffix == "parquet" and all(left.rows is not None for left in rest):
                assert sum(left.rows for left in rest) == max(0, len(flat) - take)


def typed(suffix: str, part: list[Row]) -> bytes:
    if suffix in ("jsonl", "json"):
        return WRITERS[suffix](part)
    schema = pa.schema({"prompt": pa.string(), "completion": pa.string()})
    table = pa.Table.from_pylist(part, schema)
    if suffix == "parquet":
        return parquet(table, row_group_size=7)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return sink.getvalue()
