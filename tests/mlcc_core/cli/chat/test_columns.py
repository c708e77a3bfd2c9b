"""Two replies beside each other."""

from __future__ import annotations

import pytest

from mlcc_core.cli.chat.columns import Columns, folded


def test_rows_come_as_soon_as_both_have_them():
    columns = Columns(23, ("base:", "tuned:"))
    assert columns.add(0, "one two ") == ["base:      │ tuned:"]
    assert columns.add(0, "three four five") == []
    assert columns.add(1, "short\n") == ["one two    │ short"]
    assert columns.end() == ["three four │", "five       │"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a b", ["a b"]),
        ("one two three", ["one two", "three"]),
        ("0123456789ab c", ["01234567", "89ab c"]),
        ("a\n\nb", ["a", "", "b"]),
        ("参考答案参考", ["参考答案", "参考"]),
    ],
)
def test_folding(text: str, lines: list[str]):
    assert folded(text, 8) == lines


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_reply_is_folded_alike_in_whatever_pieces_it_comes(size: int):
    text = "The capital of France is Paris.\n\n- one\n- aVeryLongWordIndeed two"
    columns = Columns(31, ("a", "b"))
    rows = []
    for start in range(0, len(text), size):
        rows += columns.add(0, text[start : start + size])
    rows += columns.end()
    assert [row.partition(" │")[0].rstrip() for row in rows[1:]] == folded(text, 14)


def test_escapes_are_shown():
    columns = Columns(40, ("a", "b"))
    columns.add(0, "\x1b[2J\t.")
    assert columns.end()[-1].startswith("\\x1b[2J    .")
