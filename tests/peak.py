"""The most memory that a program holds, for tests that compare it with a figure.

Linux lets a process begin with the peak of the process that starts it: what ``ru_maxrss`` says of
a program that pytest starts may be pytest's own. These two say the program's.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SELF = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))
"""
"""Defines ``peak()`` in a program: its own peak so far, in bytes (Linux)."""

BETWEEN = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
with open(sys.argv[1], "w") as file:
    file.write(str(peak))
sys.exit(code)
"""
"""Between pytest and the program: its own peak, with which the program begins, is small (Linux)."""


def run_for_peak(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, str, int]:
    """Run a program; returns its exit code, all that it wrote, and its peak in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder, "peak")
        done = subprocess.run(
            [sys.executable, "-c", BETWEEN, str(said), *command],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout, int(said.read_text())
