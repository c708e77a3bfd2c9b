"""Words in messages."""

from __future__ import annotations

import pytest

from mlcc_core.helpers.text import (
    first_line,
    indented,
    one_line,
    plural,
    reason_of,
    shown_address,
    with_article,
)


@pytest.mark.parametrize(
    ("message", "line", "reason", "one"),
    [
        ("bad row", "bad row", "bad row", "ValueError: bad row"),
        ("\n  bad row \nat 3", "bad row", "bad row", "ValueError: bad row"),
        (" \n", "", "ValueError", "ValueError"),
    ],
)
def test_the_first_line_of_an_error(message: str, line: str, reason: str, one: str):
    error = ValueError(message)
    assert (first_line(error), first_line(message)) == (line, line)
    assert (reason_of(error), one_line(error)) == (reason, one)


def test_counts_have_their_noun():
    assert [plural(n, "row") for n in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert plural(2, "entry", "entries") == "2 entries"


def test_nouns_have_their_article():
    nouns = ["array", "object", "string", "number", "boolean", "integer", "null"]
    assert [with_article(noun) for noun in nouns] == [
        *("an array", "an object", "a string", "a number", "a boolean", "an integer", "null"),
    ]


def test_further_lines_stand_under_the_first():
    assert indented("ℹ️  Renamed:\na → b") == "ℹ️  Renamed:\n   a → b"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://h/v1?key=s#org/big", "https://h/v1#org/big"),
        ("http://me:s@127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://h/v1#big?key=s", "http://h/v1#big"),
        ("http://h/v1", "http://h/v1"),
        ("org/big", "org/big"),
        ("./a folder?#1", "./a folder?#1"),
    ],
)
def test_an_address_is_shown_without_its_secrets_and_with_its_model(
    address: str, shown: str
) -> None:
    assert shown_address(address) == shown
