"""``mlcc chat`` on a pseudo-terminal, as a person meets it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.mlcc_core.world import make_world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[4]
PATIENCE = 120
"""Seconds for what takes one."""

TTY = "os.open(os.ttyname(0), os.O_RDWR)"
"""Makes it the terminal whose Ctrl-C this process hears."""

PROGRAM = f"""
import os, sys
{TTY}
"""
PROGRAM += """
from pathlib import Path
import mlcc_core.loader.manager
from mlcc_core.cli import main
from mlcc_core.loader.entry_points import Loaded, Origin
from mlcc_core.contract.platform.chatting import Piece
from mlcc_core.testing.parts.answering import FakeChatSession
from tests.mlcc_core.world import World
import time

class Slow(FakeChatSession):
    def prepare(self, subject):
        time.sleep(0.3)
        super().prepare(subject)

    def reply(self, subject, prompt, sampling=None, **more):
        yield Piece("hmm", thought=True)
        for item in super().reply(subject, prompt, sampling, **more):
            yield item
            if "slowly" in str(prompt.messages[-1]["content"]):
                time.sleep(0.05)

import mlcc_core.testing.parts.answering as answering
answering.FakeChatSession = Slow
world = World(Path())
world.platform.artifacts["fake://a"] = "adapter"
world.platform.add_adapter(world.session().context, "tuned", "fake://a")
world.platform.answers.reply = lambda title, text: (
    f"{title} " + "word " * 400 if "slowly" in text else f"{title} hears {text} \\x1b[5m"
)
nouns = [Loaded(noun, Origin("tests", "tests", "tests", "1")) for noun in world.nouns]
mlcc_core.loader.manager.load_entry_points = lambda *_: (nouns, [])
main()
"""

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>])")


class Person:
    """A person at a terminal: types, and reads what is shown."""

    def __init__(self, folder: Path, *words: str, columns: int = 100) -> None:
        self.ours, theirs = os.openpty()
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "chat", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            start_new_session=True,
            env={
                **{k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")},
                "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
                "TERM": "xterm",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
        )
        os.close(theirs)
        self.columns = columns
        self.raw = ""
        self.seen = 0

    def type(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def sees(self, text: str) -> str:
        """Wait for a text; return what was shown up to it since the last one, without escapes."""
        end = time.monotonic() + PATIENCE
        while text not in (shown := ESCAPES.sub("", self.raw)[self.seen :]):
            assert time.monotonic() < end, f"{text!r} is not in {shown!r}"
            if select.select([self.ours], [], [], 1)[0]:
                self.raw += os.read(self.ours, 65_536).decode(errors="replace")
        found = shown[: shown.index(text) + len(text)]
        self.seen += len(found)
        return found

    def display(self) -> str:
        """Return what stands on the screen: a line that is drawn over itself stands there once."""
        screen = pyte.Screen(self.columns, 40)
        pyte.Stream(screen).feed(self.raw)
        return "\n".join(screen.display)

    def leave(self) -> int:
        """Press Ctrl-D at the prompt, and read the rest."""
        self.sees("\n>")
        self.type("\x04")
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.1)[0]:
                try:
                    self.raw += os.read(self.ours, 65_536).decode(errors="replace")
                except OSError:
                    break
        return self.process.wait(60)


@pytest.fixture
def person(folder: Path) -> Iterator[Callable[..., Person]]:
    make_world(folder)
    people: list[Person] = []

    def sit(*words: str, columns: int = 100, early: str = "") -> Person:
        people.append(Person(folder, *words, columns=columns))
        if early:
            people[-1].sees("ready …")
            people[-1].type(early)
        else:
            people[-1].sees("\n>")
        return people[-1]

    yield sit
    for each in people:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        os.close(each.ours)


def test_a_whole_conversation(person: Callable[..., Person], folder: Path):
    me = person("tuned")
    me.type("Hi\r")
    shown = me.sees("tuned hears Hi \\x1b[5m")
    assert "hmm" in shown
    assert re.search(r"   \d\.\d s · 4 tokens", me.sees("tokens"))
    me.sees("\n>")
    me.type("first \\\rsecond\r")
    me.sees("tokens")
    me.sees("\n>")
    me.type("/ret\t")
    me.sees("ry")
    me.type("\r")
    me.sees("tokens")
    me.sees("\n>")
    me.type("/adapter tun\t")
    me.sees("ed")
    me.type("\r")
    me.sees("tuned answers from now on")
    me.type("/both\r")
    me.sees("The base answers beside tuned")
    me.type("Both\r")
    me.sees("base hears Both \\x1b[5m")
    assert "│" in me.sees("tuned: ")
    me.sees("\n>")
    me.type("/save talk.jsonl\r")
    me.sees("talk.jsonl has 1 row")
    me.sees("\n>")
    me.type("\x03")
    me.sees("/quit or Ctrl-D ends")
    assert me.leave() == 0
    (row,) = map(json.loads, Path("talk.jsonl").read_text().splitlines())
    assert [each["content"] for each in row["messages"]][::2] == ["Hi", "first \nsecond", "Both"]
    history = folder / ".mlcc/chat/history"
    assert history.stat().st_mode & 0o777 == 0o600
    assert "+Hi\n" in history.read_text()


def test_ctrl_c_stops_a_reply_and_keeps_what_came(person: Callable[..., Person], folder: Path):
    me = person("tuned")
    me.type("slowly\r")
    me.sees("word word")
    me.type("\x03")
    assert "stopped" in me.sees("stopped")
    me.sees("\n>")
    me.type("Hi\r")
    me.sees("tokens")
    assert me.leave() == 0
    (row,) = map(json.loads, (folder / ".mlcc/chat/last.jsonl").read_text().splitlines())
    answer = row["messages"][1]["content"]
    assert answer.startswith("tuned word word")
    assert len(answer.split()) < 300
    assert len(row["messages"]) == 4


def test_a_narrow_terminal_has_one_below_the_other(person: Callable[..., Person]):
    me = person("tuned", "--both", columns=60)
    me.type("Hi\r")
    shown = me.sees("tuned hears Hi")
    assert "│" not in shown
    assert shown.index("base:") < shown.index("base hears Hi") < shown.index("tuned:")
    me.sees("\n>")
    me.type("slowly\r")
    shown = me.sees("word\r\nword")
    assert "\n " not in shown[shown.index("base:") :]


def test_keys_typed_early_are_shown_once_and_a_kill_loses_no_question(
    person: Callable[..., Person], folder: Path
):
    me = person("tuned", "--both", early="slowly\r")
    me.sees("word word")
    assert me.display().count("slowly") == 1, me.raw
    me.process.kill()
    (row,) = map(json.loads, (folder / ".mlcc/chat/last.jsonl").read_text().splitlines())
    assert row["messages"][0]["content"] == "slowly"


def test_only_a_terminal_loads_what_reads_keys(folder: Path):
    program = (
        "import io, sys; from mlcc_core.cli.main import run; sys.stdin = io.StringIO('/help');"
        "code = run(['chat', 'base']); assert 'mlcc_core.cli.chat.commands' in sys.modules;"
        "sys.exit('prompt_toolkit' in sys.modules or code)"
    )
    make_world(folder)
    command = [sys.executable, "-c", PROGRAM.replace(TTY, "").replace("\nmain()", f"\n{program}")]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


def test_a_terminal_that_is_closed_loses_nothing(person: Callable[..., Person], folder: Path):
    me = person("tuned")
    me.type("Hi\r")
    me.sees("tokens")
    me.sees("\n>")
    me.process.send_signal(signal.SIGHUP)
    assert me.process.wait(PATIENCE) == 129
    assert "tuned hears Hi" in (folder / ".mlcc/chat/last.jsonl").read_text()
