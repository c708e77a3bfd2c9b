"""The parent of a job's processes: what it leaves of theirs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlcc_engine.ranks.agent import parse

LATE = """
import os, shutil, sys, time
from pathlib import Path

folder = Path(sys.argv[1])
if os.environ["RANK"] == "0":
    shutil.rmtree(folder / "ranks", ignore_errors=True)
else:
    time.sleep(0.5)
    (folder / "ranks" / "1").mkdir(parents=True)
"""
"""Processes of which the first removes what the others keep, and another one still writes there."""

AGENT = """
import sys
from dataclasses import replace
from pathlib import Path
from mlcc_engine.ranks.agent import main, parse

launch = parse(["--processes", "2", *sys.argv[3:], sys.argv[1]])
sys.exit(main(replace(launch, words=("-c", sys.argv[2]))))
"""


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize(("words", "left"), [((), False), (("--module", "a.container"), True)])
def test_what_a_late_process_writes_goes_too(
    tmp_path: Path, words: tuple[str, ...], left: bool
) -> None:
    command = [sys.executable, "-c", AGENT, str(tmp_path), LATE, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ranks").exists() == left


def test_only_a_module_that_trains_by_itself_leaves_nothing() -> None:
    assert parse(["--processes", "2", "folder"]).forgets
    assert not parse(["--processes", "2", "--module", "a.container", "folder"]).forgets
