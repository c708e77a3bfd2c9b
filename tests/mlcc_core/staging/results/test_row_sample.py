"""Samples hold every row with the same chance, and are the same each time."""

from __future__ import annotations

import io
import json
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging.results import row_sample
from mlcc_core.staging.results.row_sample import RowSample, file_sample


def lines(sizes: list[int]) -> list[bytes]:
    """Return rows of these lengths at least, each with its number."""
    return [json.dumps([place, "x" * size]).encode() + b"\n" for place, size in enumerate(sizes)]


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 9), st.sets(st.integers(0, 59)))
def test_few_rows_are_all_there_but_for_those_left_out(
    sizes: list[int], pieces: int, held: set[int]
):
    rows = lines(sizes)
    sample = RowSample()
    for start in range(0, len(rows), pieces):
        sample.add(b"".join(rows[start : start + pieces]))
    sample.leave_out(sorted(place for place in held if place < len(rows)))
    found = sample.sample()
    wanted = tuple(row for place, row in enumerate(rows) if place not in held)
    assert found.whole
    assert (found.units, found.bytes) == (wanted, sum(map(len, wanted)))


def test_many_rows_are_thinned_out_and_counted_whole():
    rows = lines([random.Random(7).randrange(200)] * 5000)
    sample = RowSample(most=50_000)
    for row in rows:
        sample.add(row)
    sample.leave_out([0, 1, 2])
    found = sample.sample()
    assert not found.whole
    assert 10_000 < sum(map(len, found.units)) <= 50_000
    assert (found.of, found.rows) == (4997, 4997)
    assert found.bytes == sum(map(len, rows[3:]))


def test_each_place_has_the_same_chance():
    rows = b"".join(lines([50] * 1000))
    found: Counter[int] = Counter()
    for seed in range(40):
        sample = RowSample(most=20_000, seed=seed)
        sample.add(rows)
        found.update(json.loads(row)[0] // 100 for row in sample.sample().units)
    average = found.total() / 10
    assert all(abs(count - average) < 0.2 * average for count in found.values())


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.booleans())
def test_each_row_of_a_file_is_in_one_cell(sizes: list[int], ended: bool):
    whole = b"".join(lines(sizes))
    data = whole if ended else whole[:-1]
    cells = [row_sample._cell(io.BytesIO(data), at, 64) for at in range(0, len(data), 64)]
    assert b"".join(cells) == whole


def test_a_small_file_is_read_whole_and_a_large_one_in_part():
    rows = lines([80] * 20_000)
    data = b"".join(rows)
    small = file_sample(io.BytesIO(b"".join(rows[:10]) + b"\n\n"), None)
    assert (small.whole, small.rows, small.of) == (True, 10, 10)
    large = file_sample(io.BytesIO(data), 20_000, most=5 * row_sample.CELL)
    assert (large.of, len(large.units)) == (-(-len(data) // row_sample.CELL), 5)
    assert large.bytes == len(data)
    assert large == file_sample(io.BytesIO(data), 20_000, most=5 * row_sample.CELL)
