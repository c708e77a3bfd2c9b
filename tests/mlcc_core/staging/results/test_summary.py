"""The summary of a check says of many rows at once what looking at each would say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging import check
from mlcc_core.staging.results.summary import Summary, text_length
from mlcc_core.staging.rules.messages import BLANKS, is_blank
from mlcc_core.staging.run.checker import PIECE, pieces
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text(BLANKS, max_size=3)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.just("user"), "content": TEXT | st.lists(st.fixed_dictionaries({"text": TEXT}))}
    ),
    max_size=3,
)
VALUES = TEXT | MESSAGES | st.none() | st.integers() | st.booleans() | st.lists(TEXT, max_size=2)
ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), min_size=1, max_size=8)


@given(ROWS, st.integers(1, 8))
def test_columns_at_once_are_as_values_one_by_one(rows, at_once):
    summary = Summary()
    for start in range(0, len(rows), at_once):
        summary.add(jsonl(*rows[start : start + at_once]))
    lengths, empty = defaultdict(list), Counter()
    for row in rows:
        for name, value in row.items():
            if (length := text_length(value)) is not None:
                lengths[name].append(length)
            empty[name] += isinstance(value, str) and is_blank(value)
    for column in summary.columns("abc"):
        assert column.empty == empty[column.name]
        assert set(column.lengths.values()) <= set(lengths[column.name])
        ends = (min(lengths[column.name]), max(lengths[column.name])) if column.lengths else None
        assert ends == ((column.lengths[0], column.lengths[100]) if column.lengths else None)
        assert bool(column.lengths) == bool(lengths[column.name])
    assert summary.duplicates() == len(rows) - len({json.dumps(row) for row in rows})


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
