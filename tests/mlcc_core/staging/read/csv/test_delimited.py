"""CSV and TSV: strings, nothing guessed, ragged rows named by line."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import DatasetError, check
from tests.mlcc_core.staging.datasets import make_job, staged


def rows_of(text, name="d.csv"):
    found, _ = staged(make_job({name: text if isinstance(text, bytes) else text.encode()}))
    return [tuple(row.values()) for row in found]


@pytest.mark.parametrize(
    "value", ["007", " 7 ", "NA", "null", "None", "nan", "true", "1e5", "2024-01-01"]
)
def test_values_are_strings_as_they_are(value):
    assert rows_of(f"prompt,completion\n{value},x\n") == [(value, "x")]


def test_empty_is_an_empty_string_quoted_or_not():
    assert rows_of('prompt,completion\n,""\na,\n"",b\n') == [("a", ""), ("", "b")]


def test_line_breaks_and_delimiters_within_quotes():
    assert rows_of('prompt,completion\n"a\nb\r\n,c","d""e"\n') == [("a\nb\r\n,c", 'd"e')]


FIELD = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6
) | st.sampled_from(['"', ",", "\n", "\r\n", "\t", "'", " "])


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=8),
    sign=st.sampled_from([",", "\t"]),
)
def test_reads_what_the_standard_library_writes(rows, sign):
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=sign, quoting=csv.QUOTE_ALL)
    writer.writerows([("prompt", "completion"), *rows, ("last", "")])
    full = [row for row in (*rows, ("last", "")) if any(row)]
    assert rows_of(sink.getvalue(), "d.csv" if sign == "," else "d.tsv") == full


BROKEN = {
    b"prompt,completion\na,b\nc\n": "line 3: found 1 field, expected 2, as in the header",
    b"prompt,completion\na,b,c\n": "line 2: found 3 fields",
    b'prompt,completion\n"a\n\n",b\nc\n': "line 5: found 1 field",
    b'prompt,completion\na,b\n"c,d\n': "line 3: found text that is not a table",
    b'prompt,completion\n"a"x,b\n': "line 2: found text that is not a table",
    b"prompt,completion\na,b\nc,\x81\n": "line 3: found the byte 0x81 at byte 3",
    b"prompt,completion\na,b\0\n": "line 2: found a NUL character in field 2",
    b"prompt,comp\0letion\na,b\n": "line 1: found a NUL character in field 2",
    b"prompt,compl\x81\n": "line 1: found the byte 0x81 at byte 13",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_tables_are_named_by_line(text):
    with pytest.raises(MlccError) as caught:
        rows_of(text)
    assert f"d.csv, {BROKEN[text]}" in caught.value.what


def test_reading_goes_on_after_a_row_with_a_nul_character():
    table = b"prompt,completion\n" + b'a,b\nx\0y,c\n"p\0\n",d\ne,f\n' * 30
    report = check(make_job({"d.csv": table}))
    assert (report.rows, report.valid, report.error_count) == (120, 60, 60)
    assert not report.ledger.not_reached
    assert {error.found for error in report.errors} == {"a NUL character in field 1"}


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("prompt,completion,prompt", "d.csv has 2 columns named 'prompt'"),
        ("prompt,,completion", "d.csv: the header's field 2 is empty"),
        (",prompt,", "d.csv: the header's field 3 is empty"),
        (",Unnamed: 0,prompt", "d.csv has 2 columns named 'Unnamed: 0'"),
        ("prompt;completion", "missing in d.csv, which has: prompt;completion"),
    ],
)
def test_bad_headers(header, what):
    with pytest.raises(MlccError) as caught:
        rows_of(f"{header}\na,2,3\n")
    assert what in caught.value.what


def test_an_index_that_pandas_wrote_has_the_name_that_pandas_gives_it():
    job = make_job({"d.csv": b",prompt,completion\n0,a,b\n1,c,d\n"})
    rows, report = staged(job)
    assert rows == [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]
    assert report.dropped == ()
    assert report.notes == ("d.csv: the first column, row names under no header, is not read",)
    job = make_job({"d.csv": b",completion\nx,b\n"}, column_map=(("Unnamed: 0", "prompt"),))
    assert staged(job)[0] == [{"prompt": "x", "completion": "b"}]


def test_errors_of_rows_name_the_line_where_the_row_begins():
    text = b'prompt,n\n"a\nb",x\n\nc,y\n'
    with pytest.raises(MlccError, match="missing in"):
        rows_of(text)
    found, _ = staged(make_job({"d.csv": text}, column_map=(("n", "completion"),)))
    assert len(found) == 2


def test_rows_before_and_after_a_ragged_one_are_read():
    text = "prompt,completion\n" + "a,b\n" * 500 + "c\n" + "a,b\n"
    with pytest.raises(DatasetError, match="line 502: found 1 field,") as caught:
        rows_of(text)
    assert caught.value.detail[0] == "c"
    report = check(make_job({"d.csv": text.encode()}))
    assert (report.rows, report.valid, report.error_count) == (502, 501, 1)


def test_rows_before_the_place_where_the_table_breaks_are_read():
    report = check(make_job({"d.csv": b'prompt,completion\na,b\nc,d\n"e"f,g\nh,i\n'}))
    assert (report.rows, report.valid, report.error_count) == (3, 2, 1)
