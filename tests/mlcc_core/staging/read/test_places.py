"""The place of a row of which its line holds several: the line, and which of its rows it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.staging import check, preview
from mlcc_core.staging.read.json.lines import Splitter, array_elements
from tests.mlcc_core.staging.datasets import make_job, staged

GOOD = {"prompt": "a", "completion": "b"}
BAD = {"prompt": "a", "completion": 3}


def places(data, name="d.json"):
    return [error.place for error in check(make_job({name: data})).errors]


@pytest.mark.parametrize("name", ["d.json", "d.jsonl"])
def test_the_place_says_which_row_of_the_line(name):
    rows = json.dumps([GOOD, BAD, GOOD, BAD])
    assert places(rows.encode(), name) == [
        f"{name}, line 1, row 2, column 'completion'",
        f"{name}, line 1, row 4, column 'completion'",
    ]


def test_a_row_that_has_its_line_alone_is_named_by_it():
    assert places(json.dumps([BAD]).encode()) == ["d.json, line 1, column 'completion'"]
    assert places(json.dumps([BAD, BAD], indent=1).encode()) == [
        "d.json, line 2, column 'completion'",
        "d.json, line 6, column 'completion'",
    ]
    row = json.dumps(BAD)
    assert places(f"{row}\n{row} {row}\n".encode(), "d.jsonl") == [
        "d.jsonl, line 1, column 'completion'",
        "d.jsonl, line 2, row 1, column 'completion'",
        "d.jsonl, line 2, row 2, column 'completion'",
    ]


def test_many_rows_on_a_line_are_each_found():
    rows = [GOOD] * 5000
    rows[17] = rows[4242] = BAD
    numbers = [
        error.row_on_line for error in check(make_job({"d.json": json.dumps(rows).encode()})).errors
    ]
    assert numbers == [18, 4243]


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(1, 40),
)
def test_places_do_not_depend_on_blocks(lines, size):
    data = ("[" + ",\n".join(",".join(map(str, line)) for line in lines) + "]").encode()
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    found = [
        (number, within)
        for batch in array_elements(blocks, Splitter("x"))
        for number, within, _ in batch.placed()
    ]
    assert found == [
        (number, at if len(line) > 1 else None)
        for number, line in enumerate(lines, 1)
        for at, _ in enumerate(line, 1)
    ]


def test_rows_before_damage_are_placed():
    assert places(json.dumps([BAD, BAD, BAD])[:-1].encode() + b"}")[:2] == [
        "d.json, line 1, row 1, column 'completion'",
        "d.json, line 1, row 2, column 'completion'",
    ]


@pytest.mark.parametrize(
    ("element", "found"),
    [
        ("[1]", "an array"),
        ("", "a comma without an element"),
        ('{"prompt": x}', "invalid JSON at column 12 (expecting value)"),
    ],
)
def test_elements_of_an_array_are_not_said_to_be_lines(element, found):
    error = check(
        make_job({"d.json": f"[{json.dumps(GOOD)}, {element}, {json.dumps(GOOD)}]".encode()})
    ).errors[0]
    assert (error.found, error.expected) == (found, "one JSON object as an element of the array")
    assert error.row_on_line == 2


@pytest.mark.parametrize("name", ["d.json", "d.jsonl"])
def test_a_first_look_counts_each_row_of_the_line(name):
    job = make_job({name: json.dumps([GOOD, BAD, BAD]).encode()})
    (problem,) = preview(job).problems
    assert f"{name}, line 1, row 2, column 'completion'" in str(problem)
    assert problem.total == 2


def test_rejects_say_which_row_of_the_line(tmp_path):
    said = {"role": "assistant", "content": "x"}
    rows = [{"prompt": "a", "completion": [said] * count} for count in (1, 2)]
    job = make_job({"d.json": json.dumps(rows).encode()}, on_misfit="skip")
    staged(job, rejects=tmp_path / "rejects.jsonl")
    (line,) = (tmp_path / "rejects.jsonl").read_text().splitlines()
    assert json.loads(line)["row_on_line"] == 2
