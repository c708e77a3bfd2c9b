"""JSON that does not stand one object a line: read where the rows are sure, else told."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import check, preview, validate_in_place
from tests.mlcc_core.staging.datasets import jsonl, make_job, staged

ROWS = [{"prompt": f'p{n} }}{{ "', "completion": f"c\n{n} ]["} for n in range(40)]
TEXT = st.text(st.sampled_from('ab{}[],:"\\\n '), max_size=8)
PAIR = st.fixed_dictionaries({"prompt": TEXT, "completion": TEXT})
PAIRS = st.lists(PAIR, min_size=1, max_size=9)


@settings(deadline=None)
@given(rows=PAIRS, data=st.data())
def test_objects_in_any_layout_are_rows(rows, data):
    """Lines with one object, with several, with arrays, and objects over lines: the same rows."""
    pieces, left = [], list(rows)
    while left:
        count = data.draw(st.integers(1, len(left)))
        some, left = left[:count], left[count:]
        form = data.draw(st.sampled_from(["lines", "joined", "array", "indented"]))
        if form == "array":
            pieces.append(json.dumps(some))
        elif form == "indented":
            pieces += [json.dumps(row, indent=1) for row in some]
        else:
            sign = "\n" if form == "lines" else data.draw(st.sampled_from(["", " "]))
            pieces.append(sign.join(map(json.dumps, some)))
    text = json.dumps({"prompt": "first", "completion": ""}) + "\n" + "\n".join(pieces)
    found, report = staged(make_job(text.encode()))
    assert found[1:] == rows
    assert report.ledger.read == len(rows) + 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_several_objects_on_a_line(end):
    lines = ["".join(map(json.dumps, ROWS[:15])), *map(json.dumps, ROWS[15:])]
    job = make_job(end.join(lines).encode())
    found, report = staged(job)
    assert found == ROWS
    note = "data.jsonl: each object of a line with several is read as a row"
    assert report.notes == (f"{note} (1 line)",)
    assert preview(job).notes == (note,)
    assert not preview(job).plain


def test_an_array_on_each_line():
    found, report = staged(make_job("\n".join(json.dumps([row]) for row in ROWS).encode()))
    assert found == ROWS
    note = "data.jsonl: arrays that follow one another are read as one (40 arrays)"
    assert report.notes == (note,)


def test_an_indented_object_among_lines():
    text = jsonl(*ROWS[:20]) + json.dumps(ROWS[20], indent=2).encode() + b"\n" + jsonl(*ROWS[21:])
    found, report = staged(make_job(text))
    assert found == ROWS
    assert "objects that run over several lines are read as rows (1 row)" in report.notes[0]


CUT = json.dumps(ROWS[0])


@pytest.mark.parametrize("end", range(1, len(CUT) - 1))
def test_a_row_that_was_cut_off_is_one_error_and_no_other_is_lost(end):
    text = jsonl(*ROWS[:12]) + CUT[:end].encode() + b"\n" + jsonl(*ROWS[12:])
    report = check(make_job(text))
    assert (report.rows, report.valid, report.error_count) == (41, 40, 1)
    assert report.errors[0].line == 13


def test_rows_of_one_line_are_checked_one_by_one():
    wrong = {"prompt": 1, "completion": "c"}
    text = json.dumps(ROWS[0]) + json.dumps(wrong) + json.dumps(ROWS[1]) + "\n"
    report = check(make_job(text.encode()))
    assert (report.rows, report.valid) == (3, 2)
    assert (report.errors[0].line, report.errors[0].column) == (1, "prompt")


def test_elements_of_an_array_are_not_rows_of_rows():
    report = check(make_job({"d.json": json.dumps([ROWS[0], ROWS[:2]]).encode()}))
    assert (report.rows, report.valid, report.errors[0].found) == (2, 1, "an array")


def test_a_dataset_in_place_has_one_object_a_line():
    job = make_job(jsonl(*ROWS) + b"".join(json.dumps(row).encode() for row in ROWS))
    assert preview(job).plain
    with pytest.raises(MlccError, match=r"has one object on each line") as caught:
        validate_in_place(job, full=True)
    assert "jq -c" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text", "rest"),
    [
        ("d.csv", 'prompt,completion\na,b\n"c"d,e\nf,g\n', '"c"d,e\nf,g\n'),
        ("d.json", '[{"prompt":"a","completion":"b"}]\nx [{}]', "\nx [{}]"),
    ],
)
def test_the_ledger_says_what_was_not_read(name, text, rest):
    sink = io.BytesIO()
    report = check(make_job({name: text.encode()}), fixed=sink)
    (entry,) = report.ledger.files
    assert (entry.read, entry.written, entry.failed) == (2, 1, 1)
    assert entry.unread.endswith(f"{len(rest)} of {len(text)} bytes")
    assert len(sink.getvalue().splitlines()) == 1


def test_a_column_that_later_rows_have_is_not_missing():
    text = jsonl(*({"prompt": "p"} for _ in range(10)), *ROWS)
    report = check(make_job(text))
    assert (report.rows, report.valid, report.error_count) == (50, 40, 10)
    assert {error.found for error in report.errors} == {"no such key"}
    renamed = text.replace(b'"completion"', b'"answer"')
    assert check(make_job(renamed, column_map=(("answer", "completion"),))).valid == 40


def test_a_column_that_no_row_has_is_missing():
    (error,) = preview(make_job(jsonl(*({"prompt": "p"} for _ in range(30))))).problems
    assert error.what == "Column 'completion' is missing in data.jsonl, which has: prompt."


def test_where_not_all_rows_were_looked_at_the_error_says_so():
    row = {"prompt": "p" * 1000}
    text = jsonl(*(row for _ in range(9000)), ROWS[0])
    (error,) = preview(make_job(text)).problems
    assert error.what.startswith("Column 'completion' is missing in the first ")
    assert "rows of data.jsonl, which has: prompt" in error.what
