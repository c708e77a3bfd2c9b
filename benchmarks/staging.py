"""Staging against a bare Polars scan, ``datasets`` and a row-by-row loop, in one run.

Every measurement is a fresh process; the ways take turns, round by round, so that what else the
machine does hits all of them. Times are without start-up and imports. Peak memory is anonymous
memory (RssAnon and RssShmem, Linux; mapped pages of real files do not count), sampled every 5 ms.

    python benchmarks/staging.py                        # 300,000 rows, every shape, 5 rounds
    python benchmarks/staging.py --rows 20000 --shapes flat,jsonl --rounds 1
    python benchmarks/staging.py --memory               # 1 and 10 times the rows

Needs the extra ``test`` and ``orjson``; ``datasets`` is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from competitors import WAYS, job
from shapes import SHAPES, Shape

STAGING = ("mlcc", "polars", "loop", "datasets")
VALIDATION = ("validate", "loads")
DIVISION = ("divide", "mlcc")
SLOW = ("loop", "datasets")
"""Measured in the first round alone: they take minutes."""

IMPORTED = (
    *("polars", "pyarrow.parquet", "orjson", "msgspec", "mlcc_core.staging.run.stager"),
    *(
        f"mlcc_core.staging.{name}"
        for name in (
            *("read.parquet.rows", "read.csv.delimited"),
            *("convert.columnar", "advice.column_types"),
        )
    ),
)
"""Modules that are imported before the clock starts."""

MOST_MEMORY = 1.5


@dataclass
class Measured:
    """Measurements of one way over one shape.

    Attributes:
        seconds: of each run.
        peak: the highest, in MiB.
        size: bytes written.
    """

    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0
    size: int = 0

    @property
    def best(self) -> float:
        return min(self.seconds)


def run_one(way: str, shape: Shape, paths: tuple[Path, ...], out: Path) -> None:
    """Run a way once in this fresh process; print seconds and peak MiB of anonymous memory."""
    for module in IMPORTED:
        __import__(module)
    if way == "datasets":
        __import__("datasets")
    job(shape, paths)
    peak = [_anonymous()]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], _anonymous())

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    begin = time.perf_counter()
    WAYS[way](shape, paths, out)
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    print(json.dumps({"seconds": seconds, "peak": peak[0] / 1024}))


def _anonymous() -> int:
    """Return the kilobytes of anonymous memory of this process; 0 if the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = (line.split() for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    return sum(int(words[1]) for words in found)


def measure(way: str, shape: Shape, folder: Path, into: Measured) -> None:
    out = folder.parent / "out.jsonl"
    command = [sys.executable, __file__, "--one", way, shape.name, str(folder), str(out)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    if answer.returncode:
        raise SystemExit(f"{way} over {shape.name} failed:\n{answer.stderr}")
    result = json.loads(answer.stdout.splitlines()[-1])
    into.seconds.append(result["seconds"])
    into.peak = max(into.peak, result["peak"])
    if out.exists():
        into.size = out.stat().st_size
        out.unlink()


def compare(shape: Shape, rows: int, rounds: int, ways: tuple[str, ...]) -> dict[str, Measured]:
    """Measure every way over one shape, taking turns."""
    found: dict[str, Measured] = defaultdict(Measured)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        shape.write(folder, rows)
        for turn in range(rounds):
            for way in ways if turn % 2 == 0 else reversed(ways):
                if turn == 0 or way not in SLOW:
                    measure(way, shape, folder, found[way])
        if {"mlcc", "polars"} <= found.keys() and found["mlcc"].size != found["polars"].size:
            raise SystemExit(f"{shape.name}: mlcc and polars wrote different sizes: {found}")
    return found


def staging_table(shapes: list[Shape], rows: int, rounds: int, ways: tuple[str, ...]) -> None:
    limits = [way for way in ways if way != "mlcc"]
    print(
        f"| shape | MB | {' | '.join(f'{way} s' for way in ways)} | mlcc ÷ polars (median) | "
        + " | ".join(f"{way} ÷ mlcc" for way in limits if way != "polars")
        + " | peak MiB, mlcc | peak MiB, polars |"
    )
    print("|" + "---|" * (len(ways) * 2 + 3))
    for shape in shapes:
        found = compare(shape, rows, rounds, ways)
        ours = found["mlcc"]
        ratios = [a / b for a, b in zip(ours.seconds, found["polars"].seconds, strict=True)]
        cells = [
            f"{shape.name}: {shape.about}",
            f"{ours.size / 1e6:.0f}",
            *(f"{found[way].best:.2f}" for way in ways),
            f"{ours.best / found['polars'].best:.2f} ({statistics.median(ratios):.2f})",
            *(f"{found[way].best / ours.best:.1f}" for way in limits if way != "polars"),
            f"{ours.peak:.0f}",
            f"{found['polars'].peak:.0f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def validation_table(rows: int, rounds: int) -> None:
    shape = next(shape for shape in SHAPES if shape.name == "jsonl")
    found = compare(shape, rows, rounds, VALIDATION)
    ours, limit = found["validate"], found["loads"]
    ratios = [b / a for a, b in zip(ours.seconds, limit.seconds, strict=True)]
    print("\n| JSON lines | s | peak MiB |\n|---|---|---|")
    print(f"| mlcc, every check | {ours.best:.2f} | {ours.peak:.0f} |")
    print(f"| bare orjson.loads loop | {limit.best:.2f} | {limit.peak:.0f} |")
    best, median = limit.best / ours.best, statistics.median(ratios)
    print(f"\nspeed of the full check ÷ bare loop: {best:.2f} (median {median:.2f})")
    print(f"time of the full check ÷ bare loop: {1 / best:.2f} (median {1 / median:.2f})")


def division_table(shapes: list[Shape], rows: int, rounds: int) -> None:
    print("\n| a tenth of the rows held out | divided s | staged s | divided ÷ staged (median) |")
    print("|---|---|---|---|")
    for shape in shapes:
        found = compare(shape, rows, rounds, DIVISION)
        ours, plain = found["divide"], found["mlcc"]
        ratios = [a / b for a, b in zip(ours.seconds, plain.seconds, strict=True)]
        best, median = ours.best / plain.best, statistics.median(ratios)
        print(f"| {shape.name} | {ours.best:.2f} | {plain.best:.2f} | {best:.2f} ({median:.2f}) |")


def memory_table(shapes: list[Shape], rows: int) -> bool:
    """Print peaks for 1 and 10 times the rows; return whether all of them stay flat."""
    print("| shape | s, 1× | s, 10× | peak MiB, 1× | peak MiB, 10× | ratio |")
    print("|---|---|---|---|---|---|")
    flat = True
    for shape in shapes:
        once, ten = (_alone(shape, rows * times) for times in (1, 10))
        ratio = ten.peak / once.peak
        flat = flat and ratio <= MOST_MEMORY and ten.peak < 1024
        print(
            f"| {shape.name} | {once.best:.2f} | {ten.best:.2f} | {once.peak:.0f} | "
            f"{ten.peak:.0f} | {ratio:.2f} |",
            flush=True,
        )
    return flat


def _alone(shape: Shape, rows: int) -> Measured:
    found = Measured()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        shape.write(folder, rows)
        measure("mlcc", shape, folder, found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shapes", help="names, with commas between; default: all")
    parser.add_argument("--memory", action="store_true", help="1 and 10 times the rows instead")
    parser.add_argument("--fast", action="store_true", help="leave out the slow competitors")
    parser.add_argument("--held-out", action="store_true", help="with rows held out instead")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    by_name = {shape.name: shape for shape in SHAPES}
    if given.one:
        way, name, folder, out = given.one
        run_one(way, by_name[name], tuple(sorted(Path(folder).iterdir())), Path(out))
        return
    names = given.shapes.split(",") if given.shapes else list(by_name)
    shapes = [by_name[name] for name in names]
    if given.held_out:
        division_table(shapes, given.rows, given.rounds)
        return
    if given.memory:
        sys.exit(not memory_table(shapes, given.rows))
    ways = tuple(
        way
        for way in STAGING
        if not (given.fast and way in SLOW)
        and (way != "datasets" or importlib.util.find_spec("datasets"))
    )
    staging_table(shapes, given.rows, given.rounds, ways)
    if "jsonl" in names:
        validation_table(given.rows, given.rounds)


if __name__ == "__main__":
    main()
