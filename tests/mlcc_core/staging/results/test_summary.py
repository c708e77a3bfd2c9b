"""The summary of a check says of many rows at once what looking at each would say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging.results.summary import Summary, text_length
from mlcc_core.staging.rules.messages import BLANKS, is_blank
from tests.mlcc_core.staging.datasets import jsonl

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
