"""Small Parquet files of this machine: read together, and accounted for one by one."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.contract.source import DatasetFile
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging import DatasetError
from mlcc_core.staging.read.parquet import rows as parquet_module
from mlcc_core.staging.read.parquet import small_files
from mlcc_core.staging.read.parquet.scan import ParquetScan
from tests.mlcc_core.staging.datasets import OnDisk, on_disk, parquet, staged

FILES = 12


HEIGHTS = range(1, FILES + 1)
"""Rows of each file."""


def rows_of(place):
    return [{"prompt": f"{place}.{n}", "completion": "yes"} for n in range(HEIGHTS[place])]


def read_at_once(*places):
    """Return the expected record of a scan of these files."""
    return len(places), sum(HEIGHTS[place] for place in places), True


FOUND = {f"{place:02}.parquet": parquet(rows_of(place)) for place in range(FILES)}
EXPECTED = [row for place in range(FILES) for row in rows_of(place)]


@pytest.fixture(autouse=True)
def at_most_eight(monkeypatch):
    monkeypatch.setattr(small_files, "MOST_FILES", 8)


@pytest.fixture
def scanned(monkeypatch):
    """Files and rows of each scan, and whether it gave rows."""
    found = []
    read = ParquetScan.read

    def spy(self, start, rows):
        frame = read(self, start, rows)
        found.append((len(self._files), rows, frame is not None))
        return frame

    monkeypatch.setattr(ParquetScan, "read", spy)
    return found


def test_as_many_as_may_be_open_are_read_at_once(scanned, tmp_path):
    told = []
    rows, report = staged(on_disk(FOUND, tmp_path), progress=told.append)
    assert rows == EXPECTED
    assert scanned == [read_at_once(*range(8)), read_at_once(8, 9, 10, 11)]
    assert [(entry.file, entry.read, entry.written) for entry in report.ledger.files] == [
        (name, height, height) for name, height in zip(FOUND, HEIGHTS, strict=True)
    ]
    assert [(step.number, step.rows) for step in told] == [(1, 0), (8, 36), (9, 36), (12, 78)]
    first, second, third, last = (step.bytes_read for step in told)
    assert 0 == first < second == third < last


def test_no_more_rows_than_are_small_together(scanned, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_module, "JOINED_ROWS", 11)
    assert staged(on_disk(FOUND, tmp_path))[0] == EXPECTED
    together = [(0, 1, 2, 3), (4, 5), (6,), (7,), (8,), (9,), (10,)]
    assert scanned[:7] == [read_at_once(*places) for places in together]


def test_the_wrong_row_of_one_file_is_found_there(scanned, tmp_path):
    wrong = rows_of(6)
    wrong[4]["prompt"] = None
    found = {**FOUND, "06.parquet": parquet(wrong)}
    with pytest.raises(DatasetError) as caught:
        staged(on_disk(found, tmp_path))
    assert caught.value.total == 1
    assert "06.parquet, row 5, column 'prompt'" in caught.value.what
    assert len(scanned) == 2


def test_files_of_other_types_go_by_themselves(scanned, tmp_path):
    large = pa.schema([("prompt", pa.large_string()), ("completion", pa.string())])
    found = {
        **{name: FOUND[name] for name in ("00.parquet", "01.parquet")},
        "02.parquet": parquet(rows_of(2)),
        "03.parquet": parquet(pa.Table.from_pylist(rows_of(3), large)),
        "04.parquet": parquet(rows_of(4)),
    }
    rows, report = staged(on_disk(found, tmp_path))
    assert rows == [row for place in range(5) for row in rows_of(place)]
    assert report.ledger.read == 15
    assert scanned == [read_at_once(0, 1, 2), read_at_once(3), read_at_once(4)]


def test_files_without_rows_or_with_checksums_among_them(scanned, tmp_path):
    schema = pa.schema([("prompt", pa.string()), ("completion", pa.string())])
    none = pa.Table.from_pylist([], schema)
    found = {
        **FOUND,
        "01.parquet": parquet(none),
        "02.parquet": parquet(rows_of(2), write_page_checksum=True),
    }
    rows, report = staged(on_disk(found, tmp_path))
    assert rows == [row for row in EXPECTED if not row["prompt"].startswith("1.")]
    assert [entry.read for entry in report.ledger.files] == [1, 0, *HEIGHTS[2:]]
    together = [(3, 4, 5, 6, 7), (8, 9, 10, 11)]
    assert scanned[2:] == [read_at_once(*places) for places in together]


def test_damage_is_said_of_the_file_that_has_it(scanned, tmp_path):
    data = bytearray(parquet(rows_of(3), compression="zstd"))
    chunk = pq.read_metadata(pa.BufferReader(bytes(data))).row_group(0).column(0)
    data[chunk.dictionary_page_offset + chunk.total_compressed_size // 2] ^= 0xFF
    with pytest.raises(MlccError, match=r"03\.parquet is not a whole Parquet file"):
        staged(on_disk({**FOUND, "03.parquet": bytes(data)}, tmp_path))
    assert scanned[:2] == [(8, 36, False), read_at_once(0)]


def test_a_disk_that_fails_is_said_of_the_file_that_it_fails(tmp_path, monkeypatch):
    look = parquet_module.has_checksums

    def fail(file, chunk):
        if os.path.samestat(os.fstat(file.fileno()), (tmp_path / "03.parquet").stat()):
            raise OSError(errno.EIO, "Input/output error")
        return look(file, chunk)

    monkeypatch.setattr(parquet_module, "has_checksums", fail)
    with pytest.raises(PlatformError, match=r"^03\.parquet cannot be read: Input/output error\.$"):
        staged(on_disk(FOUND, tmp_path))


@pytest.mark.parametrize(("limit", "most"), [(24, 1), (40, 2), (64, 4), (256, 8)])
def test_where_few_files_may_be_open_fewer_are(limit, most, tmp_path, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limit, 4096))
    listing = on_disk(FOUND, tmp_path).listing
    assert max(map(len, small_files.ranges_to_open(listing.files))) == most


def test_a_process_that_may_open_few_files_reads_many(tmp_path):
    for name, data in FOUND.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / f"more-{name}").write_bytes(data)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30));"
        "from mlcc_core.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "check", str(tmp_path), "--technique", "sft", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0
    assert all(line.startswith(("ℹ️", "Checking")) for line in answer.stderr.splitlines())
    assert json.loads(answer.stdout)["rows"] == 2 * sum(HEIGHTS)


def test_a_file_that_shrinks_meanwhile(tmp_path, monkeypatch, capfd):
    job = on_disk(FOUND, tmp_path)
    init = ParquetScan.__init__

    def cut(self, paths, places):
        init(self, paths, places)
        os.truncate(tmp_path / "05.parquet", 60)

    monkeypatch.setattr(ParquetScan, "__init__", cut)
    with pytest.raises(MlccError, match=r"05\.parquet is not a whole Parquet file"):
        staged(job)
    assert capfd.readouterr() == ("", "")


def test_all_are_closed_in_the_end(tmp_path, monkeypatch):
    opened = []
    before = OnDisk.open

    def open_file(self, file, access):
        opened.append(before(self, file, access))
        return opened[-1]

    monkeypatch.setattr(OnDisk, "open", open_file)
    staged(on_disk(FOUND, tmp_path))
    assert len(opened) == 2 * FILES
    assert all(file.closed for file in opened)


SIZES = st.none() | st.integers(0, 2 * small_files.MOST_BYTES)
FILE = st.builds(
    DatasetFile,
    st.sampled_from(["a.parquet", "a.PARQUET", "a.jsonl"]),
    st.just("u"),
    SIZES,
    st.just("f"),
    st.sampled_from([None, Path("a")]),
)


@given(st.lists(FILE, max_size=30))
def test_each_file_is_opened_once_and_few_at_once(files):
    found = list(small_files.ranges_to_open(files))
    assert [place for places in found for place in places] == list(range(len(files)))
    for places in found:
        group = [files[place] for place in places]
        assert 1 <= len(group) <= small_files.MOST_FILES
        if len(group) > 1:
            assert all(file.path and file.name != "a.jsonl" for file in group)
            assert sum(file.size for file in group) <= small_files.MOST_BYTES
