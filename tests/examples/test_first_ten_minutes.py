"""A new user's first ten minutes: a shell on a terminal of 80 columns, from ``mlcc`` to a chat.

All is typed or pasted into one shell, as it was printed; the whole screen is looked at in the end.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal, terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

BIN = Path(sys.executable).parent
ROWS = 64
SECONDS = 600

SILENCE = 8.0
"""Seconds without a sign of life that a busy machine may take; a quiet one takes one."""

PROMPT = "here> "
"""Of the shell."""

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>])")
CODE = re.compile(r"code=(\d+)")


def write_sheet(path: Path) -> None:
    """Write questions and answers as a spreadsheet has them, with umlauts."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "answer"])
        for number in range(ROWS):
            one, other = 2 + number % 16, 3 + number // 16
            writer.writerow([f"Wieviel ist {one} plus {other}?", f"Schöne Grüße! {one + other}."])


class NewUser:
    """Someone at a shell: types, reads, pastes what was printed."""

    def __init__(self, there: Terminal) -> None:
        self.there = there
        self.silences: dict[str, float] = {}
        there.sees(PROMPT)

    def runs(self, command: str, *answers: tuple[str, str], code: int = 0) -> str:
        """Type a command, answer its questions; return what it showed.

        Args:
            command: one, perhaps on several lines.
            *answers: each the end of a question, and what is typed then.
            code: that it ends with.
        """
        self.there.longest = 0
        before = len(self.there.raw)
        self.there.type(command.replace("\n", "\r") + "\r")
        for question, answer in answers:
            self.there.sees(question, SECONDS)
            self.there.type(answer)
        self.there.sees(PROMPT, SECONDS)
        shown = plain(self.there.raw[before:])
        self.silences[command] = self.there.longest
        self.there.type("echo code=$?\r")
        found = CODE.search(self.there.sees(PROMPT, SECONDS))
        assert found, shown
        assert int(found[1]) == code, shown
        return shown


def plain(raw: str) -> str:
    """Return what was written, without escapes and without what was drawn over."""
    lines = raw.replace("\r\n", "\n").split("\n")
    return "\n".join(ESCAPES.sub("", line.rpartition("\x1b[K")[2]) for line in lines)


def next_steps(shown: str) -> list[str]:
    """Return the commands below ``Next steps:``; those on several lines are whole."""
    below = shown.partition("Next steps:\n")[2]
    block = "".join(
        line + "\n" for line in iter_until(below.split("\n"), lambda line: line[:3].strip() != "")
    )
    joined = re.sub(r"\\\n\s*", "\\\n", block)
    steps: list[str] = []
    for line in joined.split("\n"):
        if steps and steps[-1].endswith("\\"):
            steps[-1] += "\n" + line.strip()
        elif line.strip() and not line.strip().startswith("#"):
            steps.append(line.strip())
    return steps


def iter_until(lines: list[str], over: object) -> Iterator[str]:
    """Yield lines until ``over`` says that the block is."""
    assert callable(over)
    for line in lines:
        if over(line):
            return
        yield line


@pytest.fixture
def user(folder: Path, real_model: Path) -> Iterator[NewUser]:
    (folder / "inputrc").write_text("set enable-bracketed-paste off\n")
    env = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "MLCC_CACHE": str(real_model.parent),
        "INPUTRC": str(folder / "inputrc"),
        "PS1": PROMPT,
        "PS2": "",
    }
    (folder / "home").mkdir()
    with terminal(["bash", "--norc", "--noprofile", "-i"], folder / "home", env) as there:
        yield NewUser(there)


def test_the_first_ten_minutes(user: NewUser, folder: Path) -> None:
    sheet = folder / "home" / "fragen.csv"
    write_sheet(sheet)

    assert "mlcc init" in user.runs("mlcc", code=1)
    made = user.runs("mlcc init", ("[my-project]: ", "\r"), ("[1]: ", "\r"), ("[1]: ", "\r"))
    assert "MODEL_ID=smollm2-135m" in made
    enter, tune, help_ = next_steps(made)
    assert tune == "./do/tune YOUR_DATA.csv"
    user.runs(enter)
    assert "--epochs" in user.runs(help_)

    # Two mistakes, and where they lead.
    missing = user.runs("./do/tune ../frage.csv", code=1)
    assert "❌" in missing
    assert "fragen.csv" in missing
    assert "--epochs" in user.runs("./do/tune ../fragen.csv --epoch 1", code=1)

    trained = user.runs(
        "./do/tune ../fragen.csv --epochs 1 --learning-rate 1e-3", ("[y/N]: ", "y\r")
    )
    assert "completed: LoRA adapter" in " ".join(trained.split())
    add, test, chat, again, *_ = next_steps(trained)

    assert "✅" in user.runs(add)
    assert "differently from its base" in " ".join(user.runs(test).split())
    talked = user.runs(
        chat,
        ("/help lists", "Wieviel ist 30 plus 4?\r"),
        (" tokens", "Und 2 plus 2?\r"),
        (" tokens", "/quit\r"),
    )
    assert "Grüße" in talked
    assert "(2 answers) is kept in" in " ".join(talked.split())
    assert "completed" in user.runs("mlcc runs list")
    # The step that asks for more held-out rows is a command that a shell takes as it was printed.
    assert "Plan" in user.runs(f"{again} --dry-run")

    text = user.there.text()
    too_long = {name: round(time, 1) for name, time in user.silences.items() if time > SILENCE}
    assert (too_long, user.there.broken()) == ({}, [])
    assert "Traceback" not in text
