"""Start-up of `mlcc --help` as a multiple of `python -c pass`, both in this environment.

Runs the two in turn, so that a busy machine slows both. Prints the least and the median of each
and their ratios; exits with 1 when the ratio of the least times is above 8.

    python benchmarks/startup.py [--runs 40]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

LIMIT = 8.0
BARE = [sys.executable, "-c", "pass"]
HELP = [sys.executable, "-c", "from mlcc_core.cli import main; main()", "--help"]


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    for command in (BARE, HELP):
        seconds(command)
    pairs = [(seconds(BARE), seconds(HELP)) for _ in range(runs)]
    bare, helped = zip(*pairs, strict=True)
    ratio = {}
    for name, of in (("least", min), ("median", statistics.median)):
        ratio[name] = of(helped) / of(bare)
        print(
            f"{name:>6}: python -c pass {1000 * of(bare):6.1f} ms, "
            f"mlcc --help {1000 * of(helped):6.1f} ms, {ratio[name]:.1f} times"
        )
    return ratio["least"] > LIMIT


if __name__ == "__main__":
    sys.exit(main())
