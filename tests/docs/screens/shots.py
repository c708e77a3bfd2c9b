"""The pictures: the command of each, and what must be there before it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.screens.picture import draw
from tests.docs.screens.terminal import Line, Run, record

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs" / "screens"
EXAMPLES = ROOT / "examples" / "datasets"
HOME = "/home/you"
"""The home that the pictures show: as long as the folder in which they are made."""


@dataclass(frozen=True)
class Shot:
    """A picture.

    Attributes:
        command: as it is shown and run.
        setup: commands before it, which are not shown.
        project: it runs in a project.
        code: the exit code that it must have.
        since: the first line that is shown, by its beginning; by default the first of all.
        until: the first line that is not.
        seconds: in which it must end, on a busy machine.
        quick: a test makes it again each time.
    """

    command: str
    setup: str = ""
    project: bool = True
    code: int = 0
    since: str = ""
    until: str = ""
    seconds: float = 120
    quick: bool = False


BAD_ROW = """\
cp "$EXAMPLES/sft.jsonl" questions.jsonl
echo '{"prompt": "What is 2 + 2?", "completion": 4}' >> questions.jsonl
echo '{"prompt": "Name a colour.", "answer": "Blue."}' >> questions.jsonl
"""
TWO_RUNS = """\
mlcc tune train.jsonl --technique sft --epochs 6 --validation 3
mlcc tune train.jsonl --technique sft --epochs 20 --validation 3
"""
SHOTS = {
    "plan": Shot(
        "mlcc tune train.jsonl --technique sft --epochs 5 --validation 2 --dry-run",
        until="📋 Request",
        quick=True,
    ),
    "check": Shot("mlcc check questions.jsonl --technique sft", BAD_ROW, code=1, quick=True),
    "rows": Shot("mlcc check train.jsonl --technique sft --show 2", until="📋 Len", quick=True),
    "compare": Shot("mlcc runs compare my-project-sft-8 sft", TWO_RUNS, seconds=300),
    "evaluate": Shot("mlcc evaluate sft", seconds=600),
    "doctor": Shot("mlcc doctor --platform local"),
    "demo": Shot("mlcc demo", project=False, seconds=1800),
}


def environment(home: Path) -> dict[str, str]:
    """Return the variables of somebody who has nothing but mlcc."""
    paths = [ROOT, ROOT / "libs", ROOT / "plugins"]
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "HOME": str(home),
        "EXAMPLES": str(EXAMPLES),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2"),
    }


@contextmanager
def somewhere() -> Iterator[Path]:
    """Make a home whose name is as long as the one of the pictures: lines break alike."""
    short = len(HOME) - len("/tmp/")
    while (home := Path("/tmp") / next(tempfile._get_candidate_names())[:short]).exists():
        pass
    home.mkdir()
    try:
        yield home
    finally:
        shutil.rmtree(home)


def take(name: str, home: Path) -> list[Line]:
    """Take one picture in a home; return its lines."""
    shot = SHOTS[name]
    folder = home / "my-project" if shot.project else home
    variables = environment(home)
    if shot.setup:
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", shot.setup],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    code, lines = record(shot.command, folder, variables, seconds=shot.seconds)
    if code != shot.code:
        shown = "\n".join("".join(run.text for run in line) for line in lines)
        raise RuntimeError(f"{shot.command}: exit code {code}, expected {shot.code}\n{shown}")
    return [neutral(line, home) for line in shown_lines(shot, lines)]


def shown_lines(shot: Shot, lines: list[Line]) -> list[Line]:
    """Return the lines from the first that is shown to the last."""
    texts = ["".join(run.text for run in line) for line in lines]
    begin = next((n for n, text in enumerate(texts) if text.startswith(shot.since)), 0)
    ends = (n for n, text in enumerate(texts) if shot.until and text.startswith(shot.until))
    return lines[begin : next(ends, len(lines))]


def neutral(line: Line, home: Path) -> Line:
    """Return a line that names no folder of this machine."""
    return tuple(
        Run(run.column, run.text.replace(str(home), HOME), run.color, run.bold, run.dim)
        for run in line
    )


def write(name: str, home: Path) -> Path:
    """Take one picture and write it."""
    path = PICTURES / f"{name}.svg"
    path.write_text(draw(SHOTS[name].command, take(name, home)), encoding="utf-8")
    return path


def without_numbers(text: str) -> list[str]:
    """Return the words of a picture: numbers, hashes and what hangs on their width are left out."""
    text = re.sub(r"\b[0-9a-f]{8,}\b|\d[\d.,e+-]*", "0", text)
    return re.sub(r"[─━╌ ]+", " ", text).split()
