"""The place of a value: the file, the line, and which row of the line."""

import json

import pytest

from mlcc_core.staging.run.locate import first_place
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

GOOD = {"prompt": "a", "completion": "b"}


@pytest.mark.parametrize(
    ("name", "place"), [("d.jsonl", "d.jsonl, line 2"), ("d.parquet", "d.parquet, row 2")]
)
def test_a_value_is_found_where_it_stands(name, place):
    rows = [GOOD, {"prompt": "x", "completion": "b"}]
    job = make_job({name: parquet(rows) if name == "d.parquet" else jsonl(*rows)})
    assert first_place(job, "prompt", "x") == f"{place}, column 'prompt'"
    assert first_place(job, "prompt", "y") is None


@pytest.mark.parametrize("name", ["d.json", "d.jsonl"])
def test_a_value_is_found_in_its_row(name):
    job = make_job({name: json.dumps([GOOD, {"prompt": "x"}]).encode()})
    assert first_place(job, "prompt", "x") == f"{name}, line 1, row 2, column 'prompt'"
