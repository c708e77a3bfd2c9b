"""The spinner: when it is drawn, where it is not, and that it leaves no trace."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable

import click
import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.waiting import spinner
from mlcc_core.cli.waiting.bar import parts_that_fit
from mlcc_core.cli.waiting.line import fitted
from mlcc_core.cli.waiting.titles import TITLES, title_of
from mlcc_core.project.commands import COMMANDS


class Stream(io.StringIO):
    """A stderr, which goes to a terminal or not."""

    encoding = "utf-8"

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def waits_for(self, text: str) -> str:
        """Return what was written once it has ``text``."""
        end = time.monotonic() + 30
        while text not in self.getvalue():
            assert time.monotonic() < end, self.getvalue()
            time.sleep(0.02)
        return self.getvalue()


Streams = Callable[[bool], Stream]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Streams:
    def make(terminal: bool) -> Stream:
        made = Stream(terminal=terminal)
        monkeypatch.setattr("sys.stderr", made)
        monkeypatch.setattr(spinner, "SILENCE", 0.15)
        return made

    return make


@pytest.mark.parametrize("printed", ["Usage: mlcc\n", "half a line"])
def test_it_is_erased_before_what_others_print(
    stream: Streams, monkeypatch: pytest.MonkeyPatch, printed: str
):
    """A help text of click, or a command of a plugin that prints by itself."""
    drawn = stream(True)
    monkeypatch.setattr("sys.stdout", drawn)
    with spinner.watching("Looking"):
        drawn.waits_for("Looking …")
        click.echo(printed, nl=False)
        assert drawn.getvalue().endswith(f"{spinner.ERASE}{printed}")
        before = drawn.getvalue()
        time.sleep(0.4)
        assert (drawn.getvalue() == before) == (not printed.endswith("\n"))
    assert sys.stdout.write is not None
    drawn.write("again")
    assert drawn.getvalue().endswith("again")


def test_it_is_drawn_after_a_silence_and_erased_before_a_line(stream: Streams):
    drawn = stream(True)
    with spinner.watching("Looking"):
        drawn.waits_for("Looking …")
        Console().note("found")
    assert drawn.getvalue().endswith(f"{spinner.ERASE}found\n")


def test_a_quick_command_shows_nothing(stream: Streams):
    for terminal in (True, False):
        drawn = stream(terminal)
        with spinner.watching("Looking"):
            pass
        assert drawn.getvalue() == ""


def test_a_shell_that_completes_a_word_sees_nothing(
    stream: Streams, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(spinner.COMPLETING, "bash_complete")
    drawn = stream(True)
    with spinner.watching("Looking"):
        time.sleep(0.5)
    assert drawn.getvalue() == ""


def test_it_takes_the_words_of_a_line_about_something_that_goes_on(stream: Streams):
    drawn = stream(True)
    with spinner.watching("Looking"):
        Console().note("⏳ Fetching the model …")
        drawn.waits_for(" Fetching the model …\x1b"[:-1] + spinner.ERASE)
        Console().note("Fetched.")
        assert "Looking" not in drawn.getvalue()
        drawn.waits_for("Looking …")


def test_it_stays_away_while_something_else_draws(stream: Streams):
    drawn = stream(True)
    with spinner.watching("Looking"):
        with spinner.hushed():
            time.sleep(0.5)
            assert drawn.getvalue() == ""
        drawn.waits_for("Looking …")


def test_it_does_not_draw_over_a_line_that_goes_on(stream: Streams, capsys: object):
    drawn = stream(True)
    with spinner.watching("Looking"):
        Console().piece("half a li")
        time.sleep(0.5)
        assert drawn.getvalue() == ""
        Console().piece("ne\n")
        drawn.waits_for("Looking …")


def test_a_log_has_one_line_and_then_one_from_time_to_time(
    stream: Streams, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spinner, "LOG_SILENCE", 0.6)
    log = stream(False)
    with spinner.watching("Looking"):
        first = log.waits_for("Looking …\n")
        assert first == "Looking …\n"
        log.waits_for("Looking … 1 s\n")
    assert "\r" not in log.getvalue()


def test_a_block_that_catches_what_others_write_catches_no_sign_of_life(stream: Streams):
    log = stream(False)
    caught = io.StringIO()
    with spinner.watching("Looking"), contextlib.redirect_stderr(caught):
        log.waits_for("Looking …")
    assert caught.getvalue() == ""


def test_a_log_that_has_a_line_gets_no_other_one_at_once(stream: Streams):
    log = stream(False)
    with spinner.watching("Looking"):
        Console().note("Device: CPU")
        time.sleep(0.5)
    assert log.getvalue() == "Device: CPU\n"


def test_commands_within_a_command_share_it(stream: Streams):
    drawn = stream(True)
    with spinner.watching("Outer"), spinner.watching("Inner"):
        drawn.waits_for("Outer …")
    assert "Inner" not in drawn.getvalue()
    assert drawn.getvalue().endswith(spinner.ERASE)


def test_every_command_has_its_words():
    assert set(TITLES) == set(COMMANDS)
    assert title_of(["--debug", "check", "x"]) == "Checking the dataset"
    assert title_of([]) == "Working"


def test_a_line_is_cut_to_the_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert fitted("⠋ Looking at everything …") == "⠋ Looking at …"


@pytest.mark.parametrize(
    ("width", "shown"), [(40, "step 1/2, 3 s left, loss 1"), (20, "step 1/2, 3 s left"), (3, "")]
)
def test_a_bar_shows_whole_numbers_alone(width: int, shown: str):
    assert parts_that_fit("step 1/2, 3 s left, loss 1", width) == shown
