"""The first look at a dataset: taken once, and handed on."""

from __future__ import annotations

import io
import json

import pytest

from mlcc_core.staging import preview, stage
from tests.mlcc_core.staging.datasets import jsonl, make_job, parquet

ROWS = [{"prompt": f"{n}", "completion": str(n)} for n in range(30)]
FORMATS = {"data.jsonl": jsonl(*ROWS), "data.parquet": parquet(ROWS)}


@pytest.mark.parametrize("name", FORMATS)
def test_staging_goes_on_from_it(name):
    job = make_job({name: FORMATS[name]})
    opened = job.source.opened
    found = preview(job)
    to_look = len(opened)
    sink = io.BytesIO()
    report = stage(job, sink, preview=found)
    assert [json.loads(line) for line in sink.getvalue().splitlines()] == ROWS
    to_stage = len(opened) - to_look
    assert stage(job, io.BytesIO()) == report
    assert len(opened) == 2 * (to_look + to_stage)
    assert to_look > 0
