"""Memory stays flat: ten times the rows take about the same (the benchmark has the full size)."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROWS = 2500
MOST = 1.5
STAGE = """
import sys, threading
from pathlib import Path
from tests.mlcc_core.staging.datasets import PREFERENCES, make_job
from mlcc_core.staging import stage

def anonymous():
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0])

path = Path(sys.argv[1])
job = make_job({path.name: b""}, PREFERENCES)
job.source.open = lambda file, access: path.open("rb")
peak, done = [0], threading.Event()

def watch():
    while not done.wait(0.005):
        peak[0] = max(peak[0], anonymous())

watcher = threading.Thread(target=watch)
watcher.start()
with open("/dev/null", "wb") as sink:
    report = stage(job, sink)
done.set()
watcher.join()
print(report.rows, peak[0])
"""


def write(path, groups):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {
            "prompt": f"{i} " * 40,
            "chosen": [{"role": "assistant", "content": f"{i * i:x} " * 120}],
            "rejected": [{"role": "assistant", "content": f"{i:x} " * 90}],
        }
        for i in range(ROWS)
    ]
    table = pa.Table.from_pylist(rows)
    if path.suffix == ".jsonl":
        import polars as pl

        data = pl.from_arrow(table).write_ndjson().encode()
        path.write_bytes(data * groups)
        return
    if path.suffix == ".csv":
        sink = io.StringIO(newline="")
        texts = [
            [row["prompt"], *(row[n][0]["content"] for n in table.column_names[1:])] for row in rows
        ]
        csv.writer(sink).writerows(texts)
        path.write_bytes(b"prompt,chosen,rejected\r\n" + sink.getvalue().encode() * groups)
        return
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(groups):
            writer.write_table(table)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="RssAnon is Linux's")
@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_ten_times_the_rows_take_the_same_memory(suffix, tmp_path):
    peaks = []
    for groups in (12, 120) if suffix == ".parquet" else (4, 40):  # engines warm up, too
        path = tmp_path / f"{groups}{suffix}"
        write(path, groups)
        command = [sys.executable, "-c", STAGE, str(path)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
        rows, peak = map(int, answer.stdout.split())
        assert rows == groups * ROWS
        peaks.append(peak)
        path.unlink()
    assert peaks[1] <= MOST * peaks[0], peaks
