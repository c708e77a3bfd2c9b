"""Tables in text as spreadsheets, databases and statistics programs write them."""

import csv
import gzip
import io
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcc_core.errors import MlccError
from mlcc_core.staging import check, preview
from tests.mlcc_core.staging.datasets import make_job, on_disk, staged

ROWS = [("What; is this?", "Line 1\nLine 2, \"quoted\" | and 'so'"), ("Größe\t1?", ""), ("x", "y")]
PAIRS = [{"prompt": prompt, "completion": completion} for prompt, completion in ROWS]


def table(sign, rows=ROWS, *, header=("prompt", "completion"), end="\r\n", **options):
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=sign, lineterminator=end, **options).writerows([header, *rows])
    return sink.getvalue()


def read(name, data):
    found, report = staged(make_job({name: data}))
    return found, "\n".join(report.notes)


@pytest.mark.parametrize("sign", [";", "\t", "|", ","])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["d.csv", "d.txt", "d.tsv", "d.tab"])
def test_delimiters_are_recognised(sign, quoting, mark, name):
    found, notes = read(name, (mark + table(sign, quoting=quoting)).encode())
    assert found == PAIRS
    usual = {"d.csv": ",", "d.txt": None}.get(name, "\t")
    shown = "tabs" if sign == "\t" else repr(sign)
    assert notes == ("" if sign == usual else f"{name}: the fields are separated by {shown}")


CELL = st.text(st.sampled_from('ab \n",;|\t.1'), max_size=8)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1), sign=st.sampled_from(";\t|"))
def test_any_table_with_a_delimiter_of_its_own(rows, sign):
    full = [(f"{number} {prompt}", completion) for number, (prompt, completion) in enumerate(rows)]
    found, _ = read("d.csv", table(sign, full).encode())
    assert [tuple(row.values()) for row in found] == full


@settings(deadline=None)
@given(cells=st.lists(st.text(st.sampled_from("ab ;|\t"), min_size=1), min_size=1, max_size=20))
def test_one_column_is_never_split(cells):
    texts = [f"x{cell}" for cell in cells]
    data = "\n".join(["text", *texts]).encode()
    job = make_job({"d.csv": data}, column_map=(("text", "prompt"),))
    (error,) = preview(job).problems
    assert error.what == "Column 'completion' is missing in d.csv, which has: prompt."


def test_text_with_as_many_other_signs_stays_whole():
    rows = [("a;b", "c|d"), ("e;f", "g|h")]
    assert [tuple(row.values()) for row in read("d.csv", table(",", rows).encode())[0]] == rows


LINES = {
    "sep=;\r\n": ";",
    '"sep=;"\r\n': ";",
    "SEP=\t\r\n": "\t",
    "sep=,\n": ",",
    "sep=~\n": "~",
    "#TYPE System.Data.DataRow\r\n": ",",
    '#TYPE Selected.System.String"\r\n': ",",
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_that_programs_write_above_the_header(line, mark):
    data = mark + line + table(LINES[line], quoting=csv.QUOTE_ALL)
    found, notes = read("d.csv", data.encode())
    assert found == PAIRS
    assert f"the line above the header, {line.strip()!r}, is not read" in notes


R_FILES = {
    "write.csv": '"","prompt","completion"\n"1","q, 1","a"\n"2","q 2","b"\n',
    "write.csv2": '"";"prompt";"completion"\n"1";"q, 1";"a"\n"2";"q 2";"b"\n',
    "write.table, tabs": '"prompt"\t"completion"\n"1"\t"q, 1"\t"a"\n"2"\t"q 2"\t"b"\n',
    "write.table, no quotes": "prompt\tcompletion\n7\tq, 1\ta\n3\tq 2\tb\n",
    "write.table, blanks": '"prompt" "completion"\n"1" "q, 1" "a"\n"2" "q 2" "b"\n',
    "names of rows": '"prompt";"completion"\n"one";"q, 1";"a"\n"two";"q 2";"b"\n',
    "pandas": ',prompt,completion\n0,"q, 1",a\n1,q 2,b\n',
}


@pytest.mark.parametrize("name", R_FILES)
def test_names_of_rows_are_left_out(name):
    found, notes = read("d.csv", R_FILES[name].encode())
    assert [tuple(row.values()) for row in found] == [("q, 1", "a"), ("q 2", "b")]
    assert "row names under no header, is not read" in notes


def test_a_comma_that_nobody_quoted_is_no_row_name():
    data = b"prompt,completion\nWhat?,Yes, it is\nWho?,No, me\n"
    report = check(make_job({"d.csv": data}))
    assert (report.rows, report.error_count) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_encodings_are_proved(encoding, pack):
    mark = "\ufeff" if encoding.endswith(("le", "be")) else ""
    data = pack((mark + table(";")).encode(encoding))
    found, notes = read("d.csv.gz" if pack is gzip.compress else "d.csv", data)
    assert found == PAIRS
    assert ("Windows-1252" if encoding == "cp1252" else encoding[:6].upper()) in notes


def test_excels_unicode_text():
    assert read("d.txt", table("\t").encode("utf-16"))[0] == PAIRS


OTHER = {
    "Cyrillic": table(",", [("Привет", "мир")]).encode("cp1251"),
    "Greek": table(",", [("Καλημέρα", "κόσμε")]).encode("cp1253"),
    "mixed": table(",", [("é", "a")]).encode() + "ü,b\r\n".encode("cp1252"),
    "mixed, the other way": table(",", [("é", "a")]).encode("cp1252") + "ü,b\r\n".encode(),
    "undefined": b"prompt,completion\na,\x81\n",
}


@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_proved_is_refused(name):
    report = check(make_job({"d.csv": OTHER[name] + b"last,row\r\n"}))
    assert report.error_count == 1
    assert "line" in report.ledger.files[0].unread


def test_a_late_accent_proves_windows():
    rows = [(f"question {number}", "answer " * 20) for number in range(9000)]
    data = table(",", [*rows, ("Größe", "ß")]).encode("cp1252")
    found, notes = read("d.csv", data)
    assert len(found) == 9001
    assert found[-1] == {"prompt": "Größe", "completion": "ß"}
    assert notes == "d.csv: Windows-1252 text"


def test_empty_rows_are_counted_not_read():
    data = table(",").encode() + b",\r\n" * 5 + b'"",""\r\n,,,\r\nz,\r\n'
    found, notes = read("d.csv", data)
    assert found == [*PAIRS, {"prompt": "z", "completion": ""}]
    assert notes == "d.csv: rows in which every cell is empty are not read (7 rows)"


def test_notes_of_many_files_are_told_once():
    files = {f"{name}.csv": table(";").encode() + b";\n" for name in "abc"}
    _, report = staged(make_job(files))
    assert report.notes == (
        "a.csv and 2 more files: the fields are separated by ';'",
        "a.csv and 2 more files: rows in which every cell is empty are not read (3 rows)",
    )
    assert preview(make_job(files)).notes[0] == report.notes[0]


@pytest.mark.slow
def test_a_cell_longer_than_what_is_looked_at_first():
    rows = [("a" * 200_000, "b;\n" * 100_000), ("c", "d")]
    found, _ = read("d.csv", table(";", rows).encode())
    assert [tuple(row.values()) for row in found] == rows


def mended(error, folder, monkeypatch):
    """What the hint of an error writes, pasted in another folder."""
    elsewhere = folder / "else where"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    subprocess.run(["sh", "-c", error.hint], check=True, timeout=60)
    (made,) = elsewhere.iterdir()
    return read(made.name, made.read_bytes())[0]


HEADLESS = {
    "numbers": [("Question 1?", "a"), ("Question 2?", "b")],
    "line breaks": [("Why, if so", "one\ntwo"), ("And who", "three\nfour")],
    "sentences": [("Is it so?", "Yes it is."), ("And why?", "It is not."), ("Who?", "Me.")],
}


@pytest.mark.parametrize("sign", [",", ";"])
@pytest.mark.parametrize("name", HEADLESS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_without_a_header_is_given_one(sign, name, encoding, tmp_path, monkeypatch):
    first, *rows = HEADLESS[name]
    data = table(sign, rows, header=first).encode(encoding)
    file = "it's d.csv"
    (error,) = preview(on_disk({file: data}, tmp_path)).problems
    assert error.what.startswith(f"{file} has no header: its first line is a row (")
    (tmp_path / file).write_bytes(data)
    found = mended(error, tmp_path, monkeypatch)
    assert [tuple(row.values()) for row in found] == HEADLESS[name]


def test_questions_of_a_form_are_a_header():
    data = b'Timestamp,"What is the question, in one line?",Answer: briefly\r\n2024,q1?,a1\r\n'
    (error,) = preview(make_job({"d.csv": data})).problems
    assert error.what.startswith("Columns 'prompt' and 'completion' are missing in d.csv")


TITLES = ["My export 2024,\r\n", "My export 2024\r\n\r\n", "My export\r\n,\r\n"]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_title_above_the_header_is_cut_off(title, pack, tmp_path, monkeypatch):
    file = "d.csv.gz" if pack is gzip.compress else "my d.csv"
    data = pack((title + table(",")).encode())
    (error,) = preview(on_disk({file: data}, tmp_path)).problems
    assert f"{file}, line 1 is a title ('My export" in error.what
    (tmp_path / file).write_bytes(data)
    assert mended(error, tmp_path, monkeypatch) == PAIRS


@pytest.mark.parametrize("text", ["hello", "Dear all,\nit is, as I said, me\n\nbye\n", "one, line"])
def test_prose_is_not_a_table(text):
    with pytest.raises(MlccError, match=r"d\.txt is in no format that is known"):
        read("d.txt", text.encode())
