"""A row whose text to learn is empty has nothing to train, which is an error in every format."""

import csv
import io
from dataclasses import replace

import pytest

from mlcc_core.contract.technique.schema import Column
from mlcc_core.staging import check, parse_column_map
from tests.mlcc_core.staging.datasets import PAIRS, jsonl, make_job, parquet, staged

LEARNED = replace(PAIRS, columns=(Column("prompt"), Column("completion", learned=True)))
GOOD = {"prompt": "p", "completion": " \n c"}
BLANKS = [char for char in map(chr, range(0x110000)) if char.isspace() or char == "\ufeff"]


def as_csv(rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["prompt", "completion"], quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


FORMATS = {
    "d.jsonl": lambda rows: jsonl(*rows),
    "d.csv": as_csv,
    "d.parquet": parquet,
}


@pytest.mark.parametrize("name", FORMATS)
def test_rows_without_a_text_to_learn_are_errors(name):
    wrong = [{"prompt": "p", "completion": char * 2} for char in ["", *BLANKS]]
    rows = [GOOD, *(row for each in wrong for row in (each, GOOD))]
    report = check(make_job({name: FORMATS[name](rows)}, LEARNED))
    assert (report.rows, report.valid, report.error_count) == (
        len(rows),
        len(wrong) + 1,
        len(wrong),
    )
    assert {(e.column, e.found) for e in report.errors} <= {
        ("completion", "no text"),
        ("completion", "null"),
    }


@pytest.mark.parametrize("name", FORMATS)
def test_blanks_around_a_text_are_written(name):
    rows = [{"prompt": "p", "completion": f"{char}é{char}"} for char in BLANKS]
    found, report = staged(make_job({name: FORMATS[name](rows)}, LEARNED))
    assert found == rows
    assert report.warnings == ()


def test_answers_of_conversations_that_say_nothing_are_errors():
    def talk(answer):
        return [{"role": "user", "content": "q"}, {"role": "assistant", "content": answer}]

    rows = jsonl(*({"messages": talk(answer)} for answer in ("a", "", " ")))
    report = check(make_job(rows, LEARNED, from_messages=True))
    assert [(e.line, e.found) for e in report.errors] == [(2, "no text"), (3, "no text")]


def test_a_joined_text_that_says_nothing_is_an_error():
    rows = jsonl(*({"prompt": "p", "a": a, "b": b} for a, b in (("a", ""), ("", " "), ("", "b"))))
    pairs = tuple(parse_column_map("a+b:completion"))
    report = check(make_job(rows, LEARNED, column_map=pairs))
    assert [(e.line, e.found) for e in report.errors] == [(2, "no text")]
