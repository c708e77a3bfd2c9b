"""Tables whose header alone shows the delimiter: rows with a stray sign, and no rows at all."""

import pytest

from mlcc_core.staging import check, preview
from tests.mlcc_core.staging.datasets import make_job


def errors_of(data, name="d.csv", **conversion):
    return [str(error) for error in check(make_job({name: data.encode()}, **conversion)).errors]


@pytest.mark.parametrize("sign", [";", "|", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_stray_sign_is_an_error_of_its_row(sign, end):
    lines = ["prompt;completion", "Was kostet das?;5 Euro; bar", "Wo?;Hier", ""]
    data = end.join(lines).replace(";", sign)
    assert errors_of(data) == [
        "d.csv, line 2: found 3 fields, expected 2, as in the header",
    ]


def test_many_stray_signs_and_rows_without_any():
    rows = ["Was?;5;6", "Wo?;Hier", "Wer", "Wann?;Um 5;6;7"]
    assert len(errors_of("\n".join(["prompt;completion", *rows]))) == 3


@pytest.mark.parametrize("sign", [",", ";", "|", "\t"])
def test_a_header_alone_has_no_rows(sign):
    (error,) = preview(make_job({"d.csv": f"prompt{sign}completion\n".encode()})).problems
    assert error.what == "org/data has no rows, expected at least one."


ONE_COLUMN = {
    "prose": "text\nIch kam; ich sah; ich siegte.\nEr ging; sie blieb.\nSo; so.\n",
    "a title with a sign": "Fragen; aus dem Jahr 2024 wie sie im Forum gestellt wurden\n"
    "Was; wann?\nWo; wie?\nWer; so; so?\n",
    "rows without the sign": "frage;antwort\nWas?\nWo?\nWer?\n",
    "two signs": "a;b|c\nx;y|z;1|2\n1;2|3;4|5\n",
    "a name twice": "a;a\n1;2;3\n4;5\n",
    "a name missing": "a;;b\n1;2;3;4\n4;5\n",
}


@pytest.mark.parametrize("name", ONE_COLUMN)
def test_what_may_be_one_column_stays_one(name):
    data = ONE_COLUMN[name]
    (error,) = preview(make_job({"d.csv": data.encode()})).problems
    assert error.what.endswith(f"which has: {data.splitlines()[0]}.")
