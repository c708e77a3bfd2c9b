"""CSV many rows at once: the same rows, lines and complaints as row by row, wherever it is cut."""

import csv
import functools
import io
import random
import re
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging.read.csv import blocks, delimited, dialect, strict_rows, text
from mlcc_core.staging.read.csv.blocks import CsvLayout, read_block
from mlcc_core.staging.read.csv.structure import find_structure
from mlcc_core.staging.read.csv.text import Text
from tests.mlcc_core.staging.read.csv.strict_csv import as_shipped, reader_of, same, strictly

BOM = b"\xef\xbb\xbf"
SIGNS = st.sampled_from([",", "\t"])
NASTY = st.lists(
    st.sampled_from(
        [b'"', b'""', b"\n", b"\n", b"\r\n", b"\r", b" ", b"a", b"b c", b"'", b"\\", b"#", b"\n\n"]
        + [b",", b",", b"\t", b"\t", b'","', b'"\t"', b'"\n"', b'"a\nb"', b'"\r"', b'""","', BOM]
        + [c.encode() for c in "é\u2028\x85\x0b\x0c\x1e\ufeff🙂"]
        + [b"NA", b"007", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80"]
    ),
    max_size=24,
).map(b"".join)
FIELD = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6
) | st.sampled_from(["", '"', ",", "\n", "\n\n", "\r\n", "\r", "\t", "'", " ", "\ufeff", "\x85"])
SIZES = {
    "block": st.integers(1, 60) | st.just(1 << 20),
    "chunk": st.integers(1, 60) | st.just(1 << 20),
    "limit": st.none() | st.integers(1, 4),
}
anywhere = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def written(draw, sign, width):
    """Rows, and the text that the standard library makes of them."""
    rows = draw(st.lists(st.lists(FIELD, min_size=width, max_size=width), min_size=1, max_size=9))
    sink = io.StringIO(newline="")
    # With other line ends the library does not quote a carriage return by itself.
    quoting, end = draw(
        st.sampled_from(
            [(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]
        )
    )
    csv.writer(sink, delimiter=sign, quoting=quoting, lineterminator=end).writerows(rows)
    text = sink.getvalue()
    return rows, (text if draw(st.booleans()) else text.removesuffix(end)).encode()


def header(width, sign):
    return sign.join("abc"[:width]).encode() + b"\n"


@anywhere
@given(sign=SIGNS, width=st.integers(1, 3), text=NASTY, start=st.sampled_from([b"", BOM]), **SIZES)
def test_nasty_text_is_read_as_row_by_row(sign, width, text, start, block, chunk, limit):
    same(start + header(width, sign) + text, sign, block, chunk, limit)


@anywhere
@given(data=st.data(), sign=SIGNS, width=st.integers(1, 3), **SIZES)
def test_tables_are_read_as_row_by_row(data, sign, width, block, chunk, limit):
    _, text = data.draw(written(sign, width))
    place = data.draw(st.just(len(text)) | st.integers(0, len(text)))
    damage = data.draw(st.just(b"") | NASTY)
    text = text[:place] + damage + text[place:]
    same(header(width, sign) + text, sign, block, chunk, limit)


@anywhere
@given(data=st.data(), sign=st.sampled_from(";|\t~"), width=st.integers(1, 3), **SIZES)
def test_a_separator_that_the_first_line_names(data, sign, width, block, chunk, limit):
    _, text = data.draw(written(sign, width))
    place = data.draw(st.just(len(text)) | st.integers(0, len(text)))
    damage = data.draw(st.just(b"") | NASTY)
    text = text[:place] + damage + text[place:]
    first = f"sep={sign}\r\n".encode()
    same(first + header(width, sign) + text, sign, block, chunk, limit, above=1)


LATIN = st.text(st.sampled_from('ab,"\n\u00e9\u00dc\u00df\u201c\u20ac'), max_size=6)


@anywhere
@given(
    rows=st.lists(st.tuples(LATIN, LATIN), min_size=1, max_size=9),
    damage=NASTY | st.just(b""),
    data=st.data(),
    **SIZES,
)
def test_windows_text_is_read_as_row_by_row(rows, damage, data, block, chunk, limit):
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\n").writerows(rows)
    text = sink.getvalue().encode("cp1252")
    place = data.draw(st.integers(0, len(text)))
    same(b"a,b\n" + text[:place] + damage + text[place:], ",", block, chunk, limit)


EMPTY = st.sampled_from([b",\n", b'"",\r\n', b'"",""\n', b",,\n", b'""\n', b"a,\n", b",b\n"])


@anywhere
@given(lines=st.lists(EMPTY, max_size=12), one=st.booleans(), **SIZES)
def test_rows_of_empty_cells_are_not_rows(lines, one, block, chunk, limit):
    text = b"a,b\n" + b"".join(lines)
    same(text, ",", block, chunk, limit)
    with mock.patch.object(delimited, "BLOCK", block):
        reader = reader_of(iter([text]), ",")
        batches = reader.batches(["b"] if one else ["b", "a"], limit)
        found = [row["b"] for batch in batches for row in batch.rows.to_pylist()]
    assert found == [row[1] for _, row in strictly(text, ",").rows]


@anywhere
@given(data=st.data(), sign=SIGNS, width=st.integers(1, 3))
def test_what_the_standard_library_writes_is_read_at_once(data, sign, width):
    rows, text = data.draw(written(sign, width))
    block = read_block(text, CsvLayout(sign, width, range(width)), 2, last=True)
    if text.startswith(BOM):
        assert block is None
        return
    assert list(zip(*block.columns, strict=True)) == [tuple(row) for row in rows]
    assert (block.size, block.lines) == (len(text), text.count(b"\n"))


def test_a_row_that_does_not_end_waits_for_the_next_block():
    text = b'a,"b\n\nc"\r\nd,e\r\nf,"g\nh'
    block = read_block(text, CsvLayout(",", 2, [1, 0]), 7, last=False)
    assert [list(column) for column in block.columns] == [["b\n\nc", "e"], ["a", "d"]]
    assert (list(block.numbers), block.size, block.lines) == ([7, 10], 15, 4)


@pytest.mark.parametrize("block", [100_000, 4 << 20])
def test_large_tables_are_read_as_row_by_row(block):
    dice = random.Random(block)
    pieces = ['"', ",", "\n", "\r\n", "\r", "\t", '"",""', '","\n', "é", "🙂", "words " * 9]
    sink = io.StringIO(newline="")
    rows = csv.writer(sink)
    for _ in range(6000):
        rows.writerow("".join(dice.choices(pieces, k=dice.choice([0, 1, 3, 40]))) for _ in "abc")
    same(b"a,b,c\n" + sink.getvalue().encode(), ",", block, 1 << 20, None)


@anywhere
@given(data=st.data(), sign=SIGNS, width=st.integers(1, 3))
def test_marks_are_in_place_in_rfc_4180_alone(data, sign, width):
    _, text = data.draw(written(sign, width))
    place = data.draw(st.integers(0, len(text)))
    damage = data.draw(st.binary(max_size=1) | NASTY | st.sampled_from([b'"', b"\n", b"\r\n"]))
    text = text[:place] + damage + text[place + data.draw(st.integers(0, 1)) :]
    assert are_fine(text, sign, width) == bool(rfc_4180(sign, width).fullmatch(text))


def are_fine(text, sign, width):
    found = find_structure(text, sign)
    return found.is_well_formed() and found.has_full_rows(sign, width)


@functools.cache
def rfc_4180(sign, width):
    """Rows that are not blank."""
    quoted, plain = '"(?:[^"]|"")*"', f'[^"\r\n{sign}]'
    row = f"(?:{quoted}|{plain}*)(?:{sign}(?:{quoted}|{plain}*)){{{width - 1}}}"
    if width == 1:
        row = f"(?:{quoted}|{plain}+)"
    return re.compile(f"(?:{row}\r?\n)*{row}(?:\r?\n)?".encode())


def test_text_is_the_last_at_its_end_alone():
    text = Text(iter([b"0123", b"", b"456789"]), "x")
    assert text.ahead(5, 8) == (b"01234567", False)
    text.take(4, 0)
    assert text.ahead(5, 8) == (b"456789", False)
    assert text.ahead(7, 8) == (b"456789", True)
    assert text.ahead(7, 4) == (b"4567", False)
    assert (text.line(), text.number, text.taken) == (b"456789", 1, 10)
    assert text.ahead(1, 2) == (b"", True)


UNSURE = {
    "text after a closing quote": b'a,"b"c\n',
    "text after a closing quote, at the end": b'a,"b"c',
    "text after an empty quoted field": b'a,""c\n',
    "a quote within a field that is not quoted": b'a,b"c\n',
    "quotes within a field that is not quoted": b'a,b"c,d"\n',
    "a quoted field that does not end": b'a,"b\n',
    "a carriage return alone": b"a,b\rc,d\n",
    "a carriage return at the end": b"a,b\r",
    "two carriage returns": b"a,b\r\r\n",
    "NUL": b"a,b\0\n",
    "what is not UTF-8": b"a,\xff\n",
    "a BOM": BOM + b"a,b\n",
    "too few fields": b"a,b\nc\nd,e,f\n",
    "too many fields": b"a,b\nd,e,\n",
    "too many fields, at the end": b"a,b\nd,e,",
    "a blank line": b"a,b\n\nc,d\n",
    "a blank line with a carriage return": b"\r\na,b\n",
    "nothing but a blank line": b"\n",
}


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE)
def test_what_is_not_surely_fine_is_left_to_the_strict_reader(text):
    assert are_fine(text, ",", 2) == bool(rfc_4180(",", 2).fullmatch(text))
    for places in ([0], [1], [0, 1]):
        assert read_block(text, CsvLayout(",", 2, places), 2, last=True) is None
    for block in range(1, 12):
        same(header(2, ",") + b'1,"2\n3"\n' + text + b"4,5\n", ",", block, 3, None)


def test_after_damage_the_rest_is_read_at_once():
    seen = []

    def spied(text, sign):
        for row in strict_rows.numbered_rows(text, sign):
            seen.append(row)
            yield row

    damaged = b'a,b\n"1",2"2\n' + b'"3\n",4\n' * 100
    with (
        mock.patch.object(delimited, "BLOCK", 40),
        mock.patch.object(delimited, "numbered_rows", spied),
    ):
        found = as_shipped(damaged, ",", 10)
    assert found == strictly(damaged, ",")
    assert len(found.rows) == 101
    assert len(seen) < 20


def test_batches_have_a_bound(monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK", 200)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 7)
    rows = [f"{i},{'x' * (i % 9)}" for i in range(300)]
    source = iter(["\n".join(["a,b", *rows]).encode()])
    reader = reader_of(source, ",")
    batches = list(reader.batches(["b", "a"]))
    assert max(batch.rows.num_rows for batch in batches) == 7
    numbers = [number for batch in batches for number in batch.numbers]
    values = [row for batch in batches for row in batch.rows.to_pylist()]
    assert numbers == list(range(2, 302))
    assert [f"{row['a']},{row['b']}" for row in values] == rows
    assert [list(row) for row in values] == [["b", "a"]] * 300


@pytest.fixture
def short(monkeypatch):
    limit = csv.field_size_limit()
    for module in (blocks, dialect, strict_rows, text):
        monkeypatch.setattr(module, "LONGEST", 100)
    yield
    csv.field_size_limit(limit)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("block", [1, 50, 1000])
def test_a_row_has_a_bound(block, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK", block)
    with pytest.raises(MlccError, match=r"d\.csv, line 3 is longer than"):
        as_shipped(b"a,b\n1,2\n" + b"3" * 200, ",", 10)
    long = b'a,b\n1,2\n"' + b"3\n" * 100 + b'",4\n'
    found = as_shipped(long, ",", 10)
    assert found.issue == (3, "text that is not a table (field larger than field limit (100))")
    assert len(found.rows) == 1
