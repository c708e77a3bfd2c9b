"""Staging in this checkout beside staging in another one, in turns.

    git worktree add ../before COMMIT
    python benchmarks/compare.py ../before --rows 300000 --rounds 5

Each measurement is a process of its own, which stages a few rows first: imports do not count.
Prints the seconds of the best round of each, and the ratios of best and median.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from shapes import SHAPES

HERE = Path(__file__).resolve().parents[1]
FEW = 64

ONE = """
import sys, time
from pathlib import Path
from shapes import SHAPES
from competitors import job, mlcc
shape = next(shape for shape in SHAPES if shape.name == sys.argv[1])
few, many, out = map(Path, sys.argv[2:])
for folder in (few, many):
    paths = tuple(sorted(folder.iterdir()))
    job(shape, paths)
    began = time.perf_counter()
    mlcc(shape, paths, out)
print(time.perf_counter() - began)
"""


def seconds(checkout: Path, shape: str, few: Path, many: Path) -> float:
    """Stage ``many`` with the code of ``checkout``; the wall-clock seconds it took."""
    rooms = [checkout / "benchmarks", checkout, checkout / "plugins", checkout / "libs"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, rooms))}
    out = many.parent / "out.jsonl"
    command = [sys.executable, "-c", ONE, shape, str(few), str(many), str(out)]
    run = subprocess.run(
        command, env=environment, cwd=many.parent, check=True, capture_output=True, text=True
    )
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shapes", help="names, with commas between; default: all")
    asked = parser.parse_args()
    print("| shape | other s | this s | this ÷ other, best | median |\n|---|---|---|---|---|")
    for shape in SHAPES:
        if asked.shapes and shape.name not in asked.shapes.split(","):
            continue
        with tempfile.TemporaryDirectory() as place:
            few, many = Path(place, "few"), Path(place, "many")
            shape.write(few, FEW)
            shape.write(many, asked.rows)
            times = [
                [seconds(checkout.resolve(), shape.name, few, many) for checkout in pair]
                for pair in [(asked.other, HERE), (HERE, asked.other)] * -(-asked.rounds // 2)
            ]
        other = [t[number % 2] for number, t in enumerate(times)]
        this = [t[1 - number % 2] for number, t in enumerate(times)]
        ratio = statistics.median(b / a for a, b in zip(other, this, strict=True))
        best = min(this) / min(other)
        print(
            f"| {shape.name} | {min(other):.2f} | {min(this):.2f} | {best:.2f} | {ratio:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
