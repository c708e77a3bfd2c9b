"""The rows of a check are summed up piece by piece, and none is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging import check
from mlcc_core.staging.run.checker import PIECE, pieces
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet


@given(st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"")), max_size=9))
def test_pieces_are_whole_lines_and_all_of_them(lines):
    data = b"".join(line + b"\n" for line in lines)
    assert b"".join(pieces(data)) == data
    large = data * (PIECE // max(1, len(data)) + 2)
    cut = list(pieces(large))
    assert b"".join(cut) == large
    assert all(piece.endswith(b"\n") for piece in cut)
    assert all(len(piece) < PIECE + 8 for piece in cut)


def test_rows_of_many_pieces_are_all_summed_up():
    rows = [{"prompt": f"{i} " + "é" * 1000, "completion": "c" * (i % 7)} for i in range(3000)]
    data = jsonl(*rows, *rows[:5])
    assert len(data) > 4 * PIECE
    one = check(make_job(data))
    two = check(make_job({"d.parquet": parquet([*rows, *rows[:5]])}))
    assert (one.columns, one.bytes, one.duplicates) == (two.columns, two.bytes, two.duplicates)
    assert one.duplicates == 5
    assert one.columns[0].lengths[100] == 1005
    assert one.columns[1].empty == sum(not row["completion"] for row in (*rows, *rows[:5]))
