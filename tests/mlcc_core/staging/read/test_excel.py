"""Excel files: the first sheet with rows, all values as text."""

import io
import zipfile
from xml.sax.saxutils import escape

import pytest

from mlcc_core.errors import MlccError
from mlcc_core.helpers import extras, install_command
from mlcc_core.staging import preview
from tests.mlcc_core.staging.datasets import make_job, staged

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def cell(value, place):
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = f'<t xml:space="preserve">{escape(value)}</t>'
    return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'


def sheet(rows):
    lines = (
        f'<row r="{number}">'
        + "".join(cell(value, f"{chr(65 + at)}{number}") for at, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return f"<worksheet {MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def workbook(**sheets):
    """An Excel file as a program writes it, by the parts that the format requires."""
    names = list(enumerate(sheets, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
            f'ContentType="{SHEET_TYPE}.worksheet+xml"/>'
            for n, _ in names
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in names)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n, _ in names
        )
        + "</Relationships>",
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": sheet(sheets[name]) for n, name in names}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:
        for name, text in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return sink.getvalue()


HEADER = ["prompt", "completion"]
ROWS = [["q, 1", "line 1\nline 2"], [7, True], [None, None], ["q 3", None], [1.5, " x "]]
READ = [("q, 1", "line 1\nline 2"), ("7", "true"), ("q 3", ""), ("1.5", " x ")]


def test_the_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda module: None)
    (error,) = preview(make_job({"d.xlsx": workbook(FAQ=[HEADER, *ROWS])})).problems
    assert error.what == "Reading Excel needs the Python package 'fastexcel'."
    assert error.hint == install_command("mlcc[xlsx]")


def test_values_are_text_as_from_csv():
    pytest.importorskip("fastexcel")
    found, report = staged(make_job({"d.xlsx": workbook(FAQ=[HEADER, *ROWS])}))
    assert [tuple(row.values()) for row in found] == READ
    assert report.notes == ("d.xlsx: rows in which every cell is empty are not read (1 row)",)


def test_the_first_sheet_with_rows_is_read_and_the_others_are_named():
    pytest.importorskip("fastexcel")
    data = workbook(Empty=[], Title=["x"], FAQ=[HEADER, *ROWS], Old=[HEADER, ["no", "no"]])
    found, report = staged(make_job({"d.xlsx": data}))
    assert len(found) == 4
    assert report.notes[0] == "d.xlsx: sheet 'FAQ' is read, and not 'Empty', 'Title', 'Old'"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (workbook(A=[]), "has no sheet with rows"),
        (workbook(A=[["My export", None], HEADER, ["a", "b"]]), "column 2 has no name"),
        (workbook(A=[["a", "a"], ["b", "c"]]), "has 2 columns named 'a'"),
        (workbook(A=[HEADER, ["a", "b"]])[:-200], "is not a whole Excel file"),
        (b"prompt,completion\na,b\n", "does not hold Excel data"),
    ],
)
def test_what_is_not_a_table_is_refused(data, what):
    pytest.importorskip("fastexcel")
    (error,) = preview(make_job({"d.xlsx": data})).problems
    assert what in error.what
    assert error.hint


def test_an_excel_file_under_another_name_is_named():
    with pytest.raises(MlccError, match=r"d\.csv holds Excel or Office data"):
        staged(make_job({"d.csv": workbook(A=[HEADER, *ROWS])}))
