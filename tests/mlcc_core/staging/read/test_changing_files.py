"""Files that change while they are staged: noticed, whatever of them was read by then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mlcc_core.staging.datasets import jsonl, parquet

pytestmark = pytest.mark.torch  # a job on this machine is begun with the rows

ROWS = [{"instruction": f"{n} + 1 =", "output": str(n + 1) * 50} for n in range(20_000)]
MAP = ("--column-map", "instruction:prompt,output:completion")
EXPECTED = [{"prompt": row["instruction"], "completion": row["output"]} for row in ROWS]
FORMATS = {"data.jsonl": jsonl(*ROWS), "data.parquet": parquet(ROWS, row_group_size=4000)}


@pytest.fixture(params=FORMATS)
def data(request, tune) -> Path:
    path = Path(request.param)
    path.write_bytes(FORMATS[request.param])
    return path


def append(path):
    with path.open("ab") as file:
        file.write(jsonl(ROWS[0]))


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def rewrite(path):
    """Another content of the same size, in the same place."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b" " * 1000)


@pytest.mark.parametrize("change", [append, truncate, rewrite])
def test_a_file_that_is_written_to_is_no_dataset(tune, data, change):
    tune.after_batch = lambda: change(data)
    assert "has changed since it was listed" in tune.refused(str(data), *MAP)
    assert tune.code == 3
    data.write_bytes(FORMATS[data.name])
    assert tune(str(data), *MAP) == 0
    assert tune.rows() == EXPECTED


def test_a_file_that_is_replaced_is_read_as_it_was(tune, data):
    new = data.with_name("new")
    new.write_bytes(b"")
    tune.after_batch = lambda: new.rename(data)
    assert tune(str(data), *MAP) == 0
    assert tune.rows() == EXPECTED
