"""Several files, one after the other: in order, one open at a time, all closed at the end."""

import io
import threading
from dataclasses import replace

import pytest

from mlcc_core import MlccError, PlatformError
from mlcc_core.staging import check, stage
from tests.mlcc_core.staging.datasets import Memory, jsonl, make_job, parquet, staged

FILES = 12


def rows_of(place):
    return [{"prompt": f"{place}.{n}", "completion": "yes"} for n in range(30)]


def files(*suffixes):
    """A file for each suffix, and all their rows."""
    found = {}
    for place, suffix in enumerate(suffixes):
        rows = rows_of(place)
        data = parquet(rows, row_group_size=10) if suffix == "parquet" else jsonl(*rows)
        found[f"part-{place:02}.{suffix}"] = data
    return found, [row for place in range(len(suffixes)) for row in rows_of(place)]


class Watched(Memory):
    """Counts the files that are open."""

    def __init__(self, files):
        super().__init__(files)
        self.now = self.most = 0

    def open(self, file, access):
        source = self
        source.now += 1
        source.most = max(source.most, source.now)

        class Opened(io.BytesIO):
            def close(self):
                source.now -= not self.closed
                super().close()

        return Opened(super().open(file, access).read())


def watched(found):
    job = make_job(found)
    source = Watched(found)
    return replace(job, source=source), source


MIXTURES = {
    "tables": ["parquet"] * FILES,
    "lines": ["jsonl"] * FILES,
    "a table first": ["parquet", "jsonl", "parquet", "jsonl"],
    "lines first": ["jsonl", "parquet", "jsonl", "parquet"],
}


@pytest.mark.parametrize("suffixes", MIXTURES.values(), ids=MIXTURES)
def test_all_rows_come_in_order_from_one_open_file_at_a_time(suffixes):
    found, expected = files(*suffixes)
    job, source = watched(found)
    told = []
    rows, report = staged(job, progress=told.append)
    assert rows == expected
    assert [(entry.file, entry.read) for entry in report.ledger.files] == [
        (name, 30) for name in found
    ]
    assert (source.most, source.now) == (1, 0)
    assert told[-1].bytes_read >= sum(map(len, found.values()))
    assert [step.file for step in told] == sorted(step.file for step in told)


@pytest.mark.parametrize("suffixes", MIXTURES.values(), ids=MIXTURES)
@pytest.mark.parametrize("look", [staged, check], ids=["stage", "check"])
def test_bytes_are_told_with_the_rows_that_they_hold(suffixes, look):
    found, _ = files(*suffixes)
    told = []
    look(make_job(found), progress=told.append)
    assert told[0].rows == told[0].bytes_read == 0
    assert all(step.bytes_read == 0 or step.rows > 0 for step in told)
    assert told[-1].bytes_read >= sum(map(len, found.values()))


@pytest.mark.parametrize("suffixes", MIXTURES.values(), ids=MIXTURES)
def test_a_file_that_breaks_in_the_middle_is_named_and_all_are_closed(suffixes):
    found, _ = files(*suffixes)
    name = list(found)[2]
    found[name] = found[name][:400] + b"\xff" * 500 + found[name][900:]
    job, source = watched(found)
    with pytest.raises(MlccError, match=name):
        stage(job, io.BytesIO())
    assert source.now == 0


@pytest.mark.parametrize("suffixes", MIXTURES.values(), ids=MIXTURES)
def test_a_sink_that_fails_ends_the_reading(suffixes):
    found, _ = files(*suffixes)
    job, source = watched(found)

    class Full(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(PlatformError, match="disk is full"):
        stage(job, Full())
    assert source.now == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "mlcc-read"]


def test_a_listing_of_no_file_has_no_rows():
    with pytest.raises(MlccError, match="has no rows"):
        stage(make_job({}), io.BytesIO())
