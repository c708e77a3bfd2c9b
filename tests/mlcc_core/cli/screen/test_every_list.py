"""Lists of every command at 60 and at 80 columns: no line is wider, and no cell is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import click
import pytest

from mlcc_core.cli.folding.width import shown_width
from mlcc_core.cli.main import run
from mlcc_core.cli.screen.tables import table_lines
from tests.mlcc_core.actions.evaluate.conftest import furnished
from tests.mlcc_core.actions.runs.compare.test_curves import Logging
from tests.mlcc_core.cli.conftest import Mlcc
from tests.mlcc_core.world import World

WIDTHS = (60, 80)
BOX = "─━"
"""Signs of which a drawn table is made."""

DRAWN = re.compile(r"[┤┴┼*]")
"""Matches a part of a curve, which is drawn as wide as the terminal is."""


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


Screen = Callable[..., str]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Run a command whose results go to a terminal, and return what it shows there."""

    def call(width: int, *words: str) -> str:
        terminal = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", terminal)
            patch.setenv("COLUMNS", str(width))
            patch.setenv("TERM", "xterm")
            run(list(words))
        return click.unstyle(terminal.getvalue())

    return call


def assert_shown(plain: str, shown: str, width: int) -> None:
    """Compare a command's output on a terminal with that in a pipe.

    Titles of columns are not repeated where each row is a paragraph, and a word that is wider than
    the terminal stays whole.
    """
    assert plain.strip()
    words = shown.translate(dict.fromkeys(map(ord, BOX))).split()
    titles = {word for line in plain.splitlines()[:3] for word in line.split()}
    kept = {*words, *titles}
    lost = [word for word in plain.split() if word not in kept and not DRAWN.search(word)]
    assert lost == []
    wide = [
        line
        for line in shown.splitlines()
        if shown_width(line.rstrip()) > width and not is_word(line, width)
    ]
    assert wide == []


def is_word(line: str, width: int) -> bool:
    """Return whether a line is one word that is wider than the terminal by itself."""
    return len(line.split()) == 1 and shown_width(line.strip()) > width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "words",
    [
        "catalog list",
        "catalog show Qwen/Qwen3-8B",
        "tune --list-models",
        "models",
        "plugins",
        "doctor",
    ],
)
def test_a_list_of_what_is_installed(
    folder, mlcc: Mlcc, screen: Screen, words: str, width: int, monkeypatch: pytest.MonkeyPatch
):
    assert mlcc("init", "project", "--model", "mlcc-tiny", "--platform", "local").code == 0
    monkeypatch.chdir("project")
    before = mlcc(*words.split()).out
    shown = screen(width, *words.split())
    after = mlcc(*words.split()).out.split()
    # What is free of memory and disk changes from one second to the next.
    stable = re.sub(r"\S+", lambda word: word[0] if word[0] in after else "", before)
    assert_shown(stable, shown, width)


@pytest.fixture
def project(world: World) -> World:
    """A project with two runs, of which one is deployed."""
    world.platform = Logging()
    world.tune(values={"epochs": 1})
    world.tune(values={"epochs": 2}, force=True)
    return world


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_of_what_a_project_has(project: World, mlcc: Mlcc, screen: Screen, width: int):
    first, second = project.jobs()
    assert mlcc("adapter", "add", "tuned-for-the-answers-of-a-bank", "--from-tune").code == 0
    project.write("rows of mine.jsonl", [{"prompt": f"{i}?", "completion": "b"} for i in range(60)])
    dataset = ("rows of mine.jsonl", "--technique", "fake")
    for words in (
        ("runs", "list"),
        ("runs", "show", first),
        ("runs", "compare", first, second),
        ("tune", "--status"),
        ("adapter", "list"),
        ("tune", *dataset, "--dry-run"),
        ("check", *dataset),
    ):
        said = mlcc(*words)
        assert said.code == 0, (words, said.err)
        assert_shown(said.out, screen(width, *words), width)


@pytest.mark.slow  # imports the trainers
def test_a_list_of_settings(folder, mlcc: Mlcc, screen: Screen, monkeypatch: pytest.MonkeyPatch):
    assert mlcc("init", "project", "--model", "mlcc-tiny", "--platform", "local").code == 0
    monkeypatch.chdir("project")
    shown = screen(60, "tune", "--list-settings", "--technique", "sft")
    assert_shown("setting\nweight_decay\nlr_scheduler_type\ncosine_with_min_lr,", shown, 60)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_evaluation(
    world: World, mlcc: Mlcc, screen: Screen, width: int, monkeypatch: pytest.MonkeyPatch
):
    furnished(world, monkeypatch)
    words = ("evaluate", "--metric", "same", "--metric", "size")
    said = mlcc(*words)
    assert said.code == 0
    assert_shown(said.out, screen(width, *words), width)


def test_a_lost_cell_and_a_wide_line_are_found():
    with pytest.raises(AssertionError):
        assert_shown("head\na\nb\nlost", "a b", 60)
    with pytest.raises(AssertionError):
        assert_shown("head\na\nb", "a b " * 30, 60)


def test_rows_of_a_wide_table_are_paragraphs():
    columns = ("kind", "name", "status", "reason")
    rows = [
        ("technique", "one", "ok", ""),
        ("technique", "two", "failed", "a sentence of many words about it"),
    ]
    assert table_lines(columns, rows, 40) == [
        "technique one",
        "    status ok",
        "technique two",
        "    status failed",
        "    reason a sentence of many words\n    about it",
    ]
    assert table_lines(("name", "size"), [("a", "1")], 40) == ["name  size", "a     1"]


def test_a_pipe_has_a_line_a_row(mlcc: Mlcc, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = mlcc("catalog", "list").out.splitlines()
    assert lines[2].split() == ["Family", "Size", "Model", "id", "Techniques"]
    assert max(map(len, lines)) > 80
