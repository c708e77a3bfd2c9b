"""The ranged reader behaves as a file, and checks what it can."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.helpers.ranged import MOST_AHEAD, Checksum, RangedReader, open_ranged

DATA = bytes(range(256)) * 8192


def reader_of(data, checksum=None, log=None):
    def fetch(start, end):
        if log is not None:
            log.append(end - start)
        return data[start:end]

    return RangedReader(len(data), fetch, checksum)


def sha256_of(data):
    return Checksum(
        hashlib.sha256(), hashlib.sha256(data).hexdigest(), lambda: ValueError("differs")
    )


@given(
    st.binary(max_size=300),
    st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(-1, 120)),
            st.tuples(st.just("seek"), st.integers(0, 400)),
            st.tuples(st.just("readline"), st.just(-1)),
        ),
        max_size=12,
    ),
)
def test_it_reads_as_bytes_io_does(data, steps):
    ours, plain = io.BufferedReader(reader_of(data), 16), io.BytesIO(data)
    for action, amount in steps:
        assert getattr(ours, action)(amount) == getattr(plain, action)(amount)


def test_sequential_reading_asks_for_more_each_time_up_to_the_limit():
    log = []
    reader = reader_of(bytes(40 << 20), log=log)
    while reader.read(1 << 20):
        pass
    assert max(log) == MOST_AHEAD
    assert len(log) < 12
    assert sum(log) == 40 << 20


def test_a_small_read_after_a_seek_stays_small():
    log = []
    reader = reader_of(bytes(40 << 20), log=log)
    for place in (1 << 20, 30 << 20, 5 << 20):
        reader.seek(place)
        reader.read(8)
    assert max(log) <= 128 << 10


def test_a_small_file_comes_whole_and_is_verified_wherever_reading_starts():
    log = []
    reader = reader_of(DATA[:1000], sha256_of(DATA), log)
    reader.seek(990)
    with pytest.raises(ValueError, match="differs"):
        reader.read(5)
    assert log == [1000]


def test_one_huge_read_comes_in_bounded_requests():
    log = []
    assert reader_of(bytes(20 << 20), log=log).read() == bytes(20 << 20)
    assert max(log) <= MOST_AHEAD


def test_a_checksum_passes_good_content():
    assert io.BufferedReader(reader_of(DATA, sha256_of(DATA))).read() == DATA


def test_a_checksum_refuses_a_flipped_byte_at_the_end_of_reading():
    flipped = DATA[:7] + b"\xff" + DATA[8:]
    with pytest.raises(ValueError, match="differs"):
        reader_of(flipped, sha256_of(DATA)).read()


def test_parts_that_are_read_twice_count_once():
    reader = reader_of(DATA, sha256_of(DATA))
    reader.read(100_000)
    reader.seek(10)
    reader.read(500_000)
    reader.seek(0)
    assert reader.read() == DATA


def test_a_short_answer_is_never_taken_for_the_end():
    with pytest.raises(EOFError):
        RangedReader(10, lambda start, end: b"abc").read()


def test_a_parquet_file_opens_on_it():
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table({"x": list(range(1000))}), sink)
    data = sink.getvalue()
    with open_ranged(len(data), lambda start, end: data[start:end]) as file:
        assert pq.read_table(file).num_rows == 1000
