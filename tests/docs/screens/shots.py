"""The pictures: the command of each, and what must be there before it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.docs.blocks import blocks
from tests.docs.screens.picture import draw
from tests.docs.screens.terminal import Line, record
from tests.real_model import KEPT_IN

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs" / "screens"
EXAMPLES = ROOT / "examples" / "datasets"
HOME = "/home/you"
"""The home that the pictures show: as long as the folder in which they are made."""


@dataclass(frozen=True)
class Shot:
    """A picture.

    Attributes:
        command: as it is shown and run; ``{runs}`` stands for the names of the runs there.
        place: the key in :data:`PLACES` of the folder in which it runs.
        code: the exit code that it must have.
        since: the first line that is shown, by its beginning; by default the first of all.
        until: the first line that is not.
        seconds: in which it must end, on a busy machine.
    """

    command: str
    place: str = "new"
    code: int = 0
    since: str = ""
    until: str = ""
    seconds: float = 120


NEW = """\
mlcc init my-project --platform local --model mlcc-tiny
cd my-project
cp "$EXAMPLES/sft.jsonl" train.jsonl
cp "$EXAMPLES/sft.jsonl" questions.jsonl
echo '{"prompt": "What is 2 + 2?", "completion": 4}' >> questions.jsonl
echo '{"prompt": "Name a colour.", "answer": "Blue."}' >> questions.jsonl
"""
"""A project on a toy model, with a good dataset and one with two wrong rows."""

SHOP = """\
mlcc init my-shop --platform local --model smollm2-135m
cd my-shop
python ../faq.py
tune() { mlcc tune faq.csv --technique sft --column-map question:prompt,answer:completion \
    --validation 20 --batch-size 4 "$@"; }
tune --epochs 1 --learning-rate 2e-4
tune --epochs 1 --learning-rate 1e-3 --force
"""
"""The project of the page about data of one's own, with two runs."""

PLACES = {"new": ("my-project", NEW), "shop": ("my-shop", SHOP), "home": (".", "true")}
"""Folders below the home, and the commands that make them."""

SHOTS = {
    "plan": Shot(
        "mlcc tune train.jsonl --technique sft --epochs 5 --validation 2 --dry-run",
        since="📋 Plan",
        until="📋 Request",
    ),
    "check": Shot("mlcc check questions.jsonl --technique sft", code=1, until="ℹ"),
    "rows": Shot("mlcc check train.jsonl --technique sft --show 2", since="📋 Row 1", until="ℹ"),
    "models": Shot("mlcc models --fits", seconds=240),
    "doctor": Shot("mlcc doctor --platform local", seconds=240),
    "compare": Shot("mlcc runs compare {runs}", "shop", seconds=300),
    "evaluate": Shot("mlcc evaluate --metric loss", "shop", seconds=900),
    "demo": Shot("mlcc demo", "home", since="💬 Ask the base", until="🎉 That was", seconds=1800),
}
REPORT = "mlcc runs report sft"
"""The command whose file stands beside the pictures; asked for by the name ``report``."""

QUICK = ("plan", "check", "rows")
"""Pictures that a test makes again."""


def environment(home: Path) -> dict[str, str]:
    """Return the variables of somebody who has nothing but mlcc."""
    paths = [ROOT, ROOT / "libs", ROOT / "plugins"]
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "HOME": str(home),
        "TMPDIR": str(home),
        "EXAMPLES": str(EXAMPLES),
        "LANG": "C.UTF-8",
        "CUDA_VISIBLE_DEVICES": "",  # a picture is the same wherever it is taken
        "MLCC_CACHE": str(KEPT_IN),
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


def make_place(place: str, home: Path) -> Path:
    """Make the folder in which pictures are taken, unless it is there."""
    name, commands = PLACES[place]
    folder = home / name
    if not folder.exists():
        page = ROOT / "docs" / "start" / "your-data.md"
        programs = [block.text for block in blocks(page) if block.language == "python"]
        (home / "faq.py").write_text(programs[0])
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=home,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return folder


def command_of(shot: Shot, folder: Path, home: Path) -> str:
    """Return the command of a picture, with the names of the runs in its folder."""
    if "{runs}" not in shot.command:
        return shot.command
    listed = subprocess.run(
        ["mlcc", "runs", "list", "--json"],
        cwd=folder,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    names = [run["job"] for run in json.loads(listed.stdout)["runs"]]
    return shot.command.format(runs=" ".join(reversed(names)))


def take(name: str, home: Path) -> tuple[str, list[Line]]:
    """Take one picture in a home; return its command and its lines."""
    shot = SHOTS[name]
    folder = make_place(shot.place, home)
    command = command_of(shot, folder, home)
    code, lines = record(command, folder, environment(home), seconds=shot.seconds)
    if code != shot.code:
        shown = "\n".join("".join(run.text for run in line) for line in lines)
        raise RuntimeError(f"{command}: exit code {code}, expected {shot.code}\n{shown}")
    return command, [neutral(line, home) for line in shown_lines(shot, lines)]


def shown_lines(shot: Shot, lines: list[Line]) -> list[Line]:
    """Return the lines from the first that is shown to the last."""
    texts = ["".join(run.text for run in line) for line in lines]
    begin = next((n for n, text in enumerate(texts) if text.startswith(shot.since)), 0)
    ends = (n for n, text in enumerate(texts) if shot.until and text.startswith(shot.until))
    shown = lines[begin : next(ends, len(lines))]
    while shown and not shown[-1]:
        shown.pop()
    return shown


def neutral(line: Line, home: Path) -> Line:
    """Return a line that names no folder of this machine."""
    return tuple(replace(run, text=run.text.replace(str(home), HOME)) for run in line)


def write(name: str, home: Path) -> Path:
    """Take one picture and write it."""
    path = PICTURES / f"{name}.svg"
    path.write_text(draw(*take(name, home)), encoding="utf-8")
    return path


def write_report(home: Path) -> Path:
    """Write the report of the shop's run, as the tool does, beside the pictures."""
    folder = make_place("shop", home)
    path = PICTURES / "report.html"
    subprocess.run(
        ["bash", "-euc", f'{REPORT} --to "$REPORT"'],
        cwd=folder,
        env={**environment(home), "REPORT": str(home / "report.html")},
        stdin=subprocess.DEVNULL,
        check=True,
    )
    shutil.copy(home / "report.html", path)
    return path


def without_numbers(text: str) -> list[str]:
    """Return the words of a picture: numbers, hashes and what hangs on their width are left out."""
    text = re.sub(r"\b[0-9a-f]{8,}\b|\d[\d.,e+-]*", "0", text)
    return re.sub(r"[─━╌ ]+", " ", text).split()
