"""Lines for programs: found in a log whatever else is printed, and damaged ones passed over."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mlcc_sagemaker.instances.job.log.marks import MARKS, PROGRESS, mark_of, marked_in, split_lines

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=40)
DOCUMENTS = st.dictionaries(PLAIN, st.one_of(st.integers(), st.booleans(), PLAIN), max_size=3)


@given(st.lists(st.one_of(PLAIN, st.tuples(st.sampled_from(MARKS), DOCUMENTS)), max_size=8))
def test_every_document_is_found_once_and_in_order(printed):
    printed = [line for line in printed if not isinstance(line, str) or mark_of(line) is None]
    lines = [line if isinstance(line, str) else line[0] + json.dumps(line[1]) for line in printed]
    found = list(marked_in(line for text in ["\n".join(lines)] for line in split_lines(text)))
    assert found == [line for line in printed if not isinstance(line, str)]


@given(PLAIN, st.sampled_from(MARKS))
def test_no_line_is_an_error(rest, mark):
    for _, document in marked_in([mark + rest, rest, mark]):
        assert isinstance(document, dict)


def test_bars_end_with_a_carriage_return():
    message = f' 10%|█ | 1/10\r 20%|██ | 2/10\r{PROGRESS}{{"step": 2}}\n'
    (found,) = marked_in(split_lines(message))
    assert found == (PROGRESS, {"step": 2})


def test_a_mark_within_a_line_is_not_one():
    assert list(marked_in([f'the reply was {PROGRESS}{{"step": 9}}'])) == []


def test_nested_too_deep():
    assert list(marked_in([PROGRESS + "[" * 100_000])) == []
