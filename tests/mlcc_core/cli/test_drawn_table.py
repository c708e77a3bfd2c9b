"""Tables on a terminal: nothing in them is cut off or folded."""

from __future__ import annotations

import io

import click
import pytest
from rich.cells import cell_len

from mlcc_core.cli.console import Console

COLUMNS = ("technique", "job", "reason")
ROWS = [("sft", "my-project-sft-1eacfa38-1", "AlgorithmError: CUDA ran out of memory")]


class Terminal(io.StringIO):
    """A stdout that draws."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("width", "draws"), [(120, True), (80, True), (79, False), (40, False)])
def test_a_table_is_drawn_where_it_fits_and_nothing_is_wider(
    monkeypatch: pytest.MonkeyPatch, width: int, *, draws: bool
):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    Console().table(COLUMNS, ROWS)
    text = terminal.getvalue()
    assert ("──" in text) is draws
    assert all(word in text for cell in ROWS[0] for word in cell.split())
    assert max(map(cell_len, click.unstyle(text).splitlines())) <= width


def test_what_names_hold_does_nothing_to_a_terminal(monkeypatch: pytest.MonkeyPatch):
    rows = [("\x1b[31mred", "two\nlines", "bell\x07")]
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr("sys.stdout", stream)
        monkeypatch.setenv("COLUMNS", "120")
        console = Console()
        console.table(COLUMNS, rows)
        console.result("a note of \x1b[2J")
        text = stream.getvalue()
        assert all(word in text for word in (r"\x1b[31mred", r"two\nlines", r"bell\x07"))
        assert r"a note of \x1b[2J" in text
        assert "\x07" not in text
        assert "\x1b[31m" not in text


def test_wide_characters_take_two_places(capsys: pytest.CaptureFixture[str]):
    Console().table(("column", "empty"), [("参考答案", "0"), ("e\u0301", "0"), ("prompt", "0")])
    lines = capsys.readouterr().out.splitlines()
    assert {cell_len(line[: line.index("0")]) for line in lines[1:]} == {len("参考答案") * 2 + 2}
