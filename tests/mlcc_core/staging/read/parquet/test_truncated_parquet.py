"""A Parquet file that is cut short at any moment of its reading: an error, never a crash."""

import subprocess
import sys

import pytest

CHILD = """
import os, random, sys, threading, time
from pathlib import Path
from mlcc_core.errors import MlccError
from mlcc_core.helpers.formats import FORMATS
from mlcc_core.staging.read.parquet.rows import ParquetRows
from mlcc_core.staging.read.streams import CountingReader, OpenFile
from tests.mlcc_core.staging.datasets import parquet

path, draw = Path(sys.argv[1]), random.Random(19)
ROWS = [{"prompt": draw.randbytes(4000).hex(), "completion": "c"} for _ in range(3000)]
data = parquet(ROWS, row_group_size=1000)

def read():
    with path.open("rb") as file:
        opened = OpenFile("d.parquet", FORMATS[0], CountingReader(file), iter(()))
        return sum(len(rows.numbers) for rows in ParquetRows(opened).frames(["prompt"]))

def cut(delay, length):
    time.sleep(delay)
    os.truncate(path, length)

path.write_bytes(data)
read()
began = time.perf_counter()
assert read() == len(ROWS)
takes = time.perf_counter() - began
ends = {"read": 0, "refused": 0}
for _ in range(40):
    path.write_bytes(data)
    other = threading.Thread(target=cut, args=(draw.random() * takes, draw.randrange(len(data))))
    other.start()
    try:
        assert read() == len(ROWS)
        ends["read"] += 1
    except MlccError as error:
        assert "is not a whole Parquet file" in str(error), error
        ends["refused"] += 1
    other.join()
assert ends["refused"], ends
"""


@pytest.mark.slow
def test_cut_at_random_moments(tmp_path):
    command = [sys.executable, "-c", CHILD, str(tmp_path / "d.parquet")]
    child = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (child.returncode, child.stderr) == (0, "")
