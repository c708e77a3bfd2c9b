"""The import of a plugin's module, measured in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

HEAVY = (
    *("accelerate", "boto3", "botocore", "datasets", "huggingface_hub", "numpy", "openai"),
    *("pandas", "peft", "polars", "pyarrow", "pydantic", "rich", "safetensors", "torch"),
    *("transformers", "trl"),
)
"""Packages that take tenths of a second and more; a plugin imports them inside its functions."""

MARK = "--- mlcc plugins check ---"

PROGRAM = """
import importlib, json, sys, time
import mlcc_core
def clock():
    # Linux counts the nanoseconds in which the process was ready and other ones ran.
    try:
        with open("/proc/self/schedstat") as counts:
            waited = int(counts.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        waited = 0.0
    return time.perf_counter() - waited
start = clock()
importlib.import_module(sys.argv[1])
seconds = clock() - start
heavy = [name for name in sys.argv[3:] if name in sys.modules]
print()
print(sys.argv[2])
print(json.dumps([seconds, heavy]))
"""


@dataclass(frozen=True)
class Import:
    """The import of a module.

    Attributes:
        seconds: that it took, without mlcc's own modules and, on Linux, without the time in which
            other processes had the processors.
        heavy: the packages of :data:`HEAVY` that it loaded.
        printed: lines that it wrote to stdout.
        error: the last line of the error that it ended with; ``None`` where it worked.
    """

    seconds: float = 0.0
    heavy: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    error: str | None = None


def try_import(module: str, seconds: float = 60.0) -> Import:
    """Import ``module`` in a new process.

    Args:
        module: its full name.
        seconds: that it may take.
    """
    command = [sys.executable, "-c", PROGRAM, module, MARK, *HEAVY]
    try:
        done = subprocess.run(  # noqa: S603 - this very interpreter
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except subprocess.TimeoutExpired:
        return Import(error=f"it takes longer than {seconds:g} seconds")
    before, mark, after = done.stdout.rpartition(MARK)
    if done.returncode or not mark:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return Import(error=lines[-1] if lines else "it ends the process")
    taken, heavy = json.loads(after)
    printed = tuple(line for line in before.splitlines() if line.strip())
    return Import(float(taken), tuple(heavy), printed)
