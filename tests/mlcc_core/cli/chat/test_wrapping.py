"""Lines that break between words."""

from __future__ import annotations

import pytest

from mlcc_core.cli.chat.wrapping import Wrapping


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("one two three", "one two\nthree"),
        ("one two  three", "one two\nthree"),
        ("a\n\n  b\n", "a\n\n  b\n"),
        ("0123456789ab c", "0123456789ab\nc"),
        ("参考答案参考", "参考答案\n参考"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_text_is_wrapped_alike_in_whatever_pieces_it_comes(text: str, shown: str, size: int):
    wrapping = Wrapping(8)
    parts = [wrapping.add(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join((*parts, wrapping.end())) == shown


def test_a_word_is_shown_as_soon_as_it_is_whole():
    wrapping = Wrapping(8)
    assert [wrapping.add(part) for part in ("be", "gin", " to", "\n")] == ["", "", "begin", " to\n"]
