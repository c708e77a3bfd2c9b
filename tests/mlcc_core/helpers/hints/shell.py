"""A shell in which commands are run as they were printed, far from the data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = "from mlcc_core.cli.main import run; import sys; sys.exit(run(sys.argv[1:]))"

ODD = """it's "odd", a: b+c=d"""
"""A name with all that shells and column maps read as something else."""

STRICT = {"PYTHONIOENCODING": "utf-8:strict", "LC_ALL": "C.UTF-8"}
"""A terminal that prints UTF-8 and nothing else."""

Done = subprocess.CompletedProcess[str]


def mlcc(*words: str, cwd: Path) -> Done:
    return _run([sys.executable, "-c", PROGRAM, *words], cwd, os.environ["PATH"])


def run_line(line: str, cwd: Path, programs: Path) -> Done:
    """Run a line as pasted into a shell, with ``mlcc`` among its programs.

    Args:
        line: as it was printed.
        cwd: the folder.
        programs: a folder for programs; those that are there come first.
    """
    programs.mkdir(exist_ok=True)
    script = programs / "mlcc"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{PROGRAM}' \"$@\"\n")
    script.chmod(0o755)
    return _run(["sh", "-c", line], cwd, f"{programs}{os.pathsep}{os.environ['PATH']}")


def _run(command: list[str], cwd: Path, path: str) -> Done:
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **STRICT, "PATH": path},
    )
