"""Memory of staging chat-format preference data from Parquet, for 1 and 10 times the rows.

Anonymous memory (RssAnon of /proc/self/status, Linux) is sampled while a fresh process stages
the file; mapped file pages do not count. Prints the peaks, the ratio and the times; exits with 1
when ten times the rows take more than 1.5 times the memory.

    python benchmarks/staging_memory.py [--rows 300000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BATCH = 50_000
LIMIT = 1.5


def write_dataset(path, rows):
    """Parquet with prompt, and chosen and rejected as one message each, about 1.3 kB a row."""
    import random

    import pyarrow as pa
    import pyarrow.parquet as pq

    dice = random.Random(rows)
    words = [f"{dice.getrandbits(24):x}" for _ in range(4096)]
    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    schema = pa.schema(
        [("prompt", pa.string()), ("chosen", pa.list_(message)), ("rejected", pa.list_(message))]
    )

    def text(size):
        start = dice.randrange(4096 - size)
        return f"{dice.getrandbits(60):x} " + " ".join(words[start : start + size])

    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, BATCH):
            count = min(BATCH, rows - start)
            columns = {"prompt": [text(40) for _ in range(count)]}
            for name in ("chosen", "rejected"):
                columns[name] = [[{"role": "assistant", "content": text(80)}] for _ in range(count)]
            writer.write_table(pa.table(columns, schema=schema))


def stage_file(path, out):
    """Stage ``path`` in this process; print seconds and peak kilobytes of anonymous memory."""
    from mlcc_core.manager import build_manager
    from mlcc_core.source import Access
    from mlcc_core.staging import Conversion, DatasetJob, stage
    from mlcc_core.technique import TargetModel

    plugins = build_manager()
    technique = plugins.technique("dpo")
    schema = technique.dataset_schema(TargetModel("any"))
    source = plugins.sources["file"]
    access = Access()
    job = DatasetJob(
        source=source,
        listing=source.list(str(path), access),
        access=access,
        schema=schema,
        flatten=technique.flatten_rules(schema),
        conversion=Conversion(),
        evaluator_given=False,
        command="mlcc tune",
    )
    peak = [0]
    done = threading.Event()

    def sample():
        while not done.wait(0.005):
            peak[0] = max(peak[0], anonymous())

    watcher = threading.Thread(target=sample)
    watcher.start()
    begin = time.perf_counter()
    with Path(out).open("wb") as sink:
        report = stage(job, sink)
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    print(report.rows, f"{seconds:.3f}", peak[0])


def anonymous():
    """Kilobytes of anonymous memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise SystemExit("RssAnon is only known on Linux")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--stage", nargs=2, metavar=("FILE", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        stage_file(*arguments.stage)
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 10):
            path, out = Path(folder, f"{times}.parquet"), Path(folder, "out.jsonl")
            write_dataset(path, arguments.rows * times)
            command = [sys.executable, __file__, "--stage", str(path), str(out)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows, seconds, peak = answer.split()
            peaks.append(int(peak))
            print(
                f"{int(rows):>9} rows  {path.stat().st_size / 1e6:7.0f} MB Parquet  "
                f"{out.stat().st_size / 1e6:7.0f} MB JSONL  {float(seconds):6.2f} s  "
                f"peak {int(peak) / 1024:5.0f} MiB anonymous"
            )
            path.unlink()
    ratio = peaks[1] / peaks[0]
    print(f"ratio {ratio:.2f} for ten times the rows (at most {LIMIT})")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
