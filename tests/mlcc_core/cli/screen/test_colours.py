"""Colours: on a terminal, by the mark of a line, as the user decides."""

from __future__ import annotations

import io

import pytest

from mlcc_core import MlccError
from mlcc_core.cli.console import Console
from mlcc_core.cli.screen.colours import shows_colours

RED, YELLOW, GREEN = "\x1b[31m", "\x1b[33m", "\x1b[32m"
VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("said", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_the_user_decides(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], *, terminal: bool, pipe: bool
):
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert (shows_colours(Terminal()), shows_colours(io.StringIO())) == (terminal, pipe)


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, json: bool = False) -> str:
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", stream)
    console = Console()
    console.json = json
    console.result("✅ Done.")
    console.note("⚠️  It costs money.")
    console.note("ℹ️  A note.")
    console.error(MlccError("There is no file x.csv.", hint="mlcc check y.csv"))
    return stream.getvalue()


def test_a_terminal_shows_errors_in_red_and_the_command_as_it_is(monkeypatch: pytest.MonkeyPatch):
    text = shown(monkeypatch, Terminal())
    assert f"{RED}❌ There is no file x.csv.\x1b[0m" in text
    assert f"{YELLOW}⚠️  It costs money.\x1b[0m" in text
    assert f"{GREEN}✅ Done.\x1b[0m" in text
    assert "\nℹ️  A note.\n" in text
    assert text.endswith("\n   mlcc check y.csv\n")


def test_all_lines_of_a_long_error_are_red(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    Console().error(MlccError("a sentence that is far longer than this terminal is wide"))
    assert terminal.getvalue().count(RED) == 2


def test_a_log_and_a_document_have_none(monkeypatch: pytest.MonkeyPatch):
    assert "\x1b" not in shown(monkeypatch, io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    console = Console()
    console.json = True
    console.document({"text": "✅ done"})
    assert "\x1b" not in stream.getvalue()


def test_forced_colours_reach_a_log(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert f"{RED}❌ There" in shown(monkeypatch, io.StringIO())
