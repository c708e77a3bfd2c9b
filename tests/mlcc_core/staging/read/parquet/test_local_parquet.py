"""Parquet files of this machine: the reader is fast where it may be, and nothing is lost by it."""

import io
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMATS
from mlcc_core.staging import DatasetError
from mlcc_core.staging.read.parquet import rows as parquet_module
from mlcc_core.staging.read.parquet.rows import ParquetRows
from mlcc_core.staging.read.parquet.scan import ParquetScan, has_checksums
from mlcc_core.staging.read.streams import CountingReader, OpenFile
from tests.mlcc_core.staging.datasets import PROMPTS, make_job, on_disk, parquet, staged

ROWS = [{"prompt": f"p{i} ü", "completion": f"c{i} " * (i % 7)} for i in range(300)]


@pytest.fixture
def scanned(monkeypatch):
    """Record the ranges of rows that the fast reader decodes."""
    found = []
    read = ParquetScan.read

    def spy(self, start, rows):
        frame = read(self, start, rows)
        found.append((start, rows, frame is not None))
        return frame

    monkeypatch.setattr(ParquetScan, "read", spy)
    return found


def test_the_first_rows_do_not_pass_through_python(tmp_path):
    path = tmp_path / "d.parquet"
    path.write_bytes(parquet(ROWS))
    with path.open("rb") as file:
        counter = CountingReader(file)
        rows = ParquetRows(OpenFile("d.parquet", FORMATS[0], counter, iter(()), small=True))
        footer = counter.count
        first = next(rows.batches(["prompt", "completion"], limit=10))
        assert first.rows.to_pylist() == ROWS[:10]
        assert 0 < counter.count == footer


def test_small_row_groups_are_decoded_together(scanned, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "JOINED_ROWS", 120)
    job = on_disk({"d.parquet": parquet(ROWS, row_group_size=50)}, tmp_path)
    assert staged(job)[0] == ROWS
    assert scanned == [(0, 100, True), (100, 100, True), (200, 100, True)]


def test_a_large_row_group_is_not_decoded_whole(scanned, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "SCANNED", 1000)
    assert staged(on_disk({"d.parquet": parquet(ROWS)}, tmp_path))[0] == ROWS
    assert scanned == []


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_pages_with_checksums_are_read_by_the_reader_that_looks_at_them(
    compression, dictionary, scanned, tmp_path
):
    data = bytearray(
        parquet(ROWS, compression=compression, use_dictionary=dictionary, write_page_checksum=True)
    )
    assert staged(on_disk({"d.parquet": bytes(data)}, tmp_path))[0] == ROWS
    assert scanned == []
    data[data.index(b"p7 ") if compression == "none" else 200] ^= 1
    with pytest.raises(MlccError, match="page integrity"):
        staged(on_disk({"e.parquet": bytes(data)}, tmp_path))


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("checksum", [True, False])
def test_checksums_are_seen_in_the_first_page(version, checksum, tmp_path):
    path = tmp_path / "d.parquet"
    path.write_bytes(parquet(ROWS, data_page_version=version, write_page_checksum=checksum))
    chunk = pq.read_metadata(path).row_group(0).column(0)
    with path.open("rb") as file:
        assert has_checksums(file, chunk) is checksum


def test_damage_is_worded_by_the_reader_that_finds_it(scanned, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "JOINED_ROWS", 100)
    data = bytearray(parquet(ROWS, compression="zstd", row_group_size=100))
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(1).column(0)
    data[chunk.dictionary_page_offset + chunk.total_compressed_size // 2] ^= 0xFF
    with pytest.raises(MlccError, match=r"d\.parquet is not a whole .*: .* after row 100"):
        staged(on_disk({"d.parquet": bytes(data)}, tmp_path))
    assert scanned == [(0, 100, True), (100, 100, False)]


def footer_of(data):
    """Return the offset of a Parquet file's footer."""
    return len(data) - 8 - int.from_bytes(data[-8:-4], "little")


def test_a_footer_that_contradicts_itself_is_damage(tmp_path):
    data = bytearray(parquet(ROWS[:21], compression="none", store_schema=False))
    data[data.index(42, footer_of(data))] += 2  # rows, as a zigzag number
    meta = pq.read_metadata(io.BytesIO(data))
    assert (meta.num_rows, meta.row_group(0).num_rows) == (22, 21)
    for job in (make_job({"d.parquet": bytes(data)}), on_disk({"d.parquet": data}, tmp_path)):
        with pytest.raises(MlccError, match=r"it says 22 rows, its row groups say 21"):
            staged(job)


def test_a_footer_that_is_not_utf8_is_damage(tmp_path):
    data = bytearray(parquet(ROWS, store_schema=False))
    data[data.rindex(b"prompt")] = 0xFF
    for job in (make_job({"d.parquet": bytes(data)}), on_disk({"d.parquet": data}, tmp_path)):
        with pytest.raises(MlccError, match=r"d\.parquet is not a whole Parquet file: .* 0xff"):
            staged(job)


def test_rows_that_are_not_utf8_are_named_and_the_others_counted(tmp_path):
    offsets = pa.array([0, 1, 3, 4], pa.int32()).buffers()[1]
    broken = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xff\xfeb")])
    table = pa.table({"prompt": broken, "completion": ["x", "y", "z"]})
    with pytest.raises(DatasetError) as caught:
        staged(on_disk({"d.parquet": parquet(table)}, tmp_path))
    assert "d.parquet, row 2, column 'prompt': found bytes that are not UTF-8" in caught.value.what
    assert caught.value.total == 1


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(parquet_module, "JOINED_ROWS", 100)
    job = on_disk({"d.parquet": parquet(ROWS, row_group_size=100)}, tmp_path)
    read = ParquetScan.read

    def cut(self, start, rows):
        frame = read(self, start, rows)
        os.truncate(tmp_path / "d.parquet", 500)
        return frame

    monkeypatch.setattr(ParquetScan, "read", cut)
    with pytest.raises(MlccError, match="after row 100"):
        staged(job)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "JOINED_ROWS", 100)
    job = on_disk({"d.parquet": parquet(ROWS, row_group_size=100)}, tmp_path)
    read = ParquetScan.read

    def replace(self, start, rows):
        (tmp_path / "new").write_bytes(parquet(ROWS[:5]))
        (tmp_path / "new").rename(tmp_path / "d.parquet")
        return read(self, start, rows)

    monkeypatch.setattr(ParquetScan, "read", replace)
    assert staged(job)[0] == ROWS


@pytest.mark.parametrize("name", ["^.*$", "*", "a.b", 'say "x"', "a b", "c0", "len", ""])
def test_columns_of_any_name(name, scanned, tmp_path):
    rows = [
        {name: i, "prompt": [{"role": "user", "content": f"{i}"}], "reward_model": "j"}
        for i in range(40)
    ]
    found, _ = staged(on_disk({"d.parquet": parquet(rows)}, tmp_path, PROMPTS))
    assert [json.dumps(row, sort_keys=True) for row in found] == [
        json.dumps(row, sort_keys=True) for row in rows
    ]
    assert scanned == [(0, 40, True)]


TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


def test_nested_column_with_a_dot_in_its_name(scanned, tmp_path):
    data = {"d.parquet": parquet([{"conv.turns": TURNS}] * 40)}
    options = {"column_map": (("conv.turns", "messages"),), "from_messages": True}
    for job in (on_disk(data, tmp_path, **options), make_job(data, **options)):
        assert staged(job)[0] == [{"prompt": "q", "completion": "a"}] * 40
    assert scanned == [(0, 40, True)]


@pytest.mark.parametrize("value", ["yes", TURNS[:1]])
def test_column_whose_name_reads_like_a_field_of_another(value, tmp_path):
    rows = [{"a": {"b": "no"}, "a.b": value, "completion": "c"}] * 40
    data = {"d.parquet": parquet(rows)}
    for job in (
        on_disk(data, tmp_path, column_map=(("a.b", "prompt"),)),
        make_job(data, column_map=(("a.b", "prompt"),)),
    ):
        prompt = value if isinstance(value, str) else "q"
        assert staged(job)[0] == [{"prompt": prompt, "completion": "c"}] * 40


@pytest.mark.parametrize("value", [1.5, b"x", None])
def test_types_that_the_readers_may_see_differently_are_left_to_one(value, scanned, tmp_path):
    if isinstance(value, bytes):
        column = pa.array([value.decode()] * 40).dictionary_encode()
    else:
        column = pa.array([value] * 40)
    table = pa.Table.from_pylist(
        [{"prompt": [{"role": "user", "content": "a"}], "reward_model": "j"}] * 40
    ).append_column("x", column)
    staged(on_disk({"d.parquet": parquet(table)}, tmp_path, PROMPTS))
    assert scanned == []
