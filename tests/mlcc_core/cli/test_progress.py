"""Progress of a job: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from mlcc_core.cli import progress as module
from mlcc_core.cli.console import Console
from mlcc_core.cli.progress import TuneProgress
from mlcc_core.contract.job import JobState, Progress
from mlcc_core.helpers.text import duration_text
from mlcc_core.staging import StagingProgress


class Terminal(io.StringIO):
    """A stderr that draws."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def state(step: int, status: str = "running", phase: str = "Training") -> JobState:
    progress = Progress(
        step=step,
        steps=20,
        epoch=step / 10,
        epochs=2,
        loss=1 / step,
        rate=5.12,
        seconds_left=75.0,
        metrics={"reward": 0.25},
    )
    return JobState("job-1", status, phase, progress=progress)


def test_work_that_reports_nothing_is_one_line_in_a_log(capsys):
    with TuneProgress(Console()) as shown, shown.working("Checking"):
        shown.say("a note")
    assert capsys.readouterr().err == "Checking …\na note\n"


def test_work_that_reports_nothing_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr(module.sys, "stderr", terminal)
    with TuneProgress(Console()) as shown:
        with shown.working("Checking"):
            assert "Checking" in terminal.getvalue()
        shown.say("done")
    assert terminal.getvalue().endswith("done\n")


def test_a_log_gets_a_line_when_something_new_begins(capsys, monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with TuneProgress(Console()) as shown:
        for step in range(1, 13):
            now[0] += 1.0
            shown.job(state(step))
        shown.job(state(20, "completed", "Done"))
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(",")[0] for line in err.splitlines()] == [
        "job-1 running (Training) step 1/20",
        "job-1 running (Training) step 6/20",
        "job-1 running (Training) step 11/20",
        "job-1 completed (Done) step 20/20",
    ]
    numbers = "epoch 0.1/2, loss 1, reward 0.25, 5.1 steps/s, 1 min 15 s left"
    assert err.splitlines()[0] == f"job-1 running (Training) step 1/20, {numbers}"
    assert "left" not in err.splitlines()[-1]


def test_the_numbers_of_a_job_are_shown_in_one_order_and_others_are_not():
    progress = Progress(
        loss=0.5,
        metrics={"kl": 1.0, "held_out_accuracy": 0.75, "held_out_loss": 0.61234, "margin": 1.5},
    )
    assert module.metrics_text(progress) == [
        "loss 0.5",
        "margin 1.5",
        "held-out loss 0.6123",
        "held-out accuracy 0.75",
    ]
    assert module.metrics_text(Progress()) == []


def test_how_long_a_job_has_been_going_on(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module.time, "time", lambda: 1075.0)
    with TuneProgress(Console()) as shown:
        shown.job(JobState("job-1", "pending", "Downloading", started=1000.0))
        shown.job(replace(state(3), started=1000.0))
        shown.job(JobState("job-1", "failed", "Failed", started=1000.0, ended=1010.0))
    first, second, last = capsys.readouterr().err.splitlines()
    assert first == "job-1 pending (Downloading), 1 min 15 s elapsed"
    assert second.endswith("1 min 15 s left, 1 min 15 s elapsed")
    assert last == "job-1 failed, 10 s elapsed"


def test_a_terminal_gets_a_bar_and_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with TuneProgress(Console()) as shown:
        shown.staging(StagingProgress("a.jsonl", 1, 1, 100, 50, 100))
        shown.staged()
        shown.job(JobState("job-1", "pending", "Waiting"))
        shown.job(state(3))
        shown.say("[bold]a line[/bold]")
        shown.job(state(20, "completed"))
    drawn = terminal.getvalue()
    assert "Reading" in drawn
    assert "step 20/20" in drawn
    assert "[bold]a line[/bold]" in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")


def test_a_bar_leaves_room_for_the_echo_of_ctrl_c(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with TuneProgress(Console()) as shown:
        shown.job(state(3))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue()).splitlines()
    assert max(map(len, lines)) <= 78
    assert "step 3/20, 1 min 15 s left, epoch 0.3/2" in lines[-1]


def test_an_error_leaves_the_terminal_as_it_was(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    def interrupted() -> None:
        with TuneProgress(Console()) as shown:
            shown.job(state(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    drawn = terminal.getvalue()
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (75, "1 min 15 s"), (7321, "2 h 2 min")],
)
def test_durations(seconds: float, text: str):
    assert duration_text(seconds) == text


def test_one_row_is_one_row(capsys):
    with TuneProgress(Console()) as shown:
        shown.staging(StagingProgress("a.jsonl", 1, 2, 1, 50, 100))
    assert capsys.readouterr().err == "Reading a.jsonl: 1 row, 50 %\n"


def test_a_log_says_nothing_of_rows_before_there_is_one(capsys):
    with TuneProgress(Console()) as shown:
        shown.staging(StagingProgress("a.jsonl", 1, 1, 0, 0, 100))
        assert capsys.readouterr().err == ""
        shown.staging(StagingProgress("a.jsonl", 1, 1, 12, 100, 100))
    assert capsys.readouterr().err == "Reading a.jsonl: 12 rows, 100 %\n"


@pytest.mark.parametrize(("rate", "text"), [(0.123, "0.12"), (99.0, "99"), (170.4, "170")])
def test_a_rate_is_never_written_with_an_exponent(rate: float, text: str):

    assert module._numbers(Progress(step=1, rate=rate)) == f"step 1, {text} steps/s"
