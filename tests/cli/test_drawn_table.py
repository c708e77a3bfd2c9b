"""Tables on a terminal: nothing in them is cut off or folded."""

from __future__ import annotations

import io

import pytest

from mlcc_core.cli.console import Console

COLUMNS = ("technique", "job", "reason")
ROWS = [("sft", "my-project-sft-1eacfa38-1", "AlgorithmError: CUDA ran out of memory")]


class Terminal(io.StringIO):
    """A stdout that draws."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("width", "draws"), [(120, True), (80, True), (79, False), (40, False)])
def test_a_table_is_drawn_where_it_fits(
    monkeypatch: pytest.MonkeyPatch, width: int, *, draws: bool
):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    Console().table(COLUMNS, ROWS)
    text = terminal.getvalue()
    assert ("──" in text) is draws
    assert all(cell in text for cell in ROWS[0])
