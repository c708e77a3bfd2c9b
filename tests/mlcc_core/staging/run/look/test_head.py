"""First rows, converted, and the hints that depend on them."""

from __future__ import annotations

from typing import Any

import pytest

from mlcc_core.staging import preview, try_first_rows
from tests.mlcc_core.staging.datasets import PAIRS, jsonl, make_job, parquet

REPLY = {"role": "assistant", "content": "a"}
GOOD = {"prompt": "q", "completion": [REPLY]}
LOSSY = {"prompt": "q", "completion": [REPLY, REPLY]}


def files(rows: list[dict[str, Any]]) -> list[dict[str, bytes]]:
    return [{"d.jsonl": jsonl(*rows)}, {"d.parquet": parquet(rows)}]


@pytest.mark.parametrize("way", [0, 1])
def test_rows_as_they_would_be_written(way: int):
    job = make_job(files([GOOD, LOSSY, GOOD])[way], PAIRS)
    found = try_first_rows(job, preview(job))
    assert found.read == 3
    assert found.kept == ({"prompt": "q", "completion": "a"},) * 2
    place = ("d.jsonl, line 2", "d.parquet, row 2")[way]
    assert found.error.startswith(f"{place}, column 'completion': found 2 messages")


@pytest.mark.parametrize("way", [0, 1])
def test_no_more_than_first_rows_are_read(way: int):
    job = make_job(files([{"prompt": "q", "completion": str(n)} for n in range(500)])[way], PAIRS)
    found = try_first_rows(job, preview(job))
    assert (found.read, len(found.kept), found.error) == (10, 10, "")


def test_a_line_that_cannot_be_read_is_counted_once():
    job = make_job(jsonl({"prompt": "q", "completion": "a"}) + b"{\n", PAIRS)
    found = try_first_rows(job, preview(job))
    assert (found.read, len(found.kept)) == (2, 1)
    assert found.error.startswith("data.jsonl, line 2: found a value that does not end")
