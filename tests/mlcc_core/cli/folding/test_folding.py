"""Lines that fit a terminal; commands still run."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcc_core.cli.folding.folding import folded
from mlcc_core.cli.folding.width import display_width

LONG = "ℹ️  The quick brown fox jumps over the lazy dog and goes on to the river."


def test_what_fits_stays_as_it_is():
    assert folded("   one  two   \n\n   three", 20) == "   one  two   \n\n   three"


def test_prose_breaks_between_words_under_its_words():
    assert folded(LONG, 40).split("\n") == [
        "ℹ️  The quick brown fox jumps over the",
        "   lazy dog and goes on to the river.",
    ]


def test_a_value_goes_on_under_its_beginning():
    assert folded("   columns     one, two, three, four", 32).split("\n") == [
        "   columns     one, two, three,",
        "               four",
    ]


def test_a_word_that_is_too_wide_has_a_line_of_its_own():
    assert folded("   see /a/very/long/path/to/a/file now", 20).split("\n") == [
        "   see",
        "/a/very/long/path/to/a/file",
        "   now",
    ]
    assert folded("   output      adapter at /a/path/to/another/file", 32).split("\n") == [
        "   output      adapter at",
        "         /a/path/to/another/file",
    ]


def test_wide_characters_take_two_columns():
    assert folded("汉字 汉字 汉字", 10).split("\n") == ["汉字 汉字", "汉字"]


@pytest.mark.parametrize("width", [30, 40, 60])
@pytest.mark.parametrize(
    "arguments",
    [
        "--one two three 'four five six' --seven \"eight nine\" ten --eleven=twelve",
        "'it'\"'\"'s one word' and some more of them --that go on and on",
        '-c "import sys; print(sys.argv); print(1, 2, 3); print([4, 5, 6], [7, 8], 9)" a b',
        '-d \'{"model": "base", "messages": [{"role": "user", "content": "Hi"}]}\' x',
        "-c \"import sys; p = pipeline('text', sys.argv[1]); print(p([{'a': 1, 'b': 2}]))\" a b",
        "one\\ word and\\ another two\\ more --and --many --others --like --this",
    ],
)
def test_a_folded_command_is_the_same_to_a_shell(arguments: str, width: int):
    line = f"   echo {arguments}"
    shown = folded(line, width)
    assert "\n" in shown
    command = shown.replace("echo", "printf '<%s>'", 1)
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert said.stdout == "".join(f"<{word}>" for word in shlex.split(arguments))
    assert said.stderr == ""


def test_a_quoted_word_that_is_too_wide_is_broken_at_its_blanks():
    for quote in "\"'":
        shown = folded(f"   python -c {quote}one two three four five six seven{quote} eight", 24)
        assert max(map(len, shown.split("\n"))) <= 24


def test_a_remark_has_a_line_of_its_own():
    shown = folded("   ./do/export some-run --to some.gguf   # Ollama", 40).split("\n")
    assert shown == ["   ./do/export some-run --to some.gguf", "   # Ollama"]


def test_a_remark_stays_one():
    assert folded("   # one two three four", 14).split("\n") == [
        "   # one two",
        "   # three",
        "   # four",
    ]


def test_a_command_after_its_name_is_one():
    shown = folded("   command    mlcc tune x.csv --technique sft", 36).split("\n")
    assert shown == ["   command    mlcc tune x.csv \\", "                  --technique sft"]


@given(st.lists(st.text("abc'\"\\# …é汉", min_size=1, max_size=9), max_size=20), st.integers(5, 60))
def test_no_word_is_lost_or_broken(words: list[str], width: int):
    text = " ".join(words)
    shown = folded(text, width)
    assert shown.split() == text.split()
    assert all(display_width(line) <= width or len(line.split()) == 1 for line in shown.split("\n"))


def test_a_command_that_ends_a_sentence_has_lines_of_its_own():
    line = "⚠️  A run stands, and goes on until it ends, or until: mlcc stop my-project-sft-1eac"
    assert folded(line, 60).split("\n") == [
        "⚠️  A run stands, and goes on until it ends, or until:",
        "   mlcc stop my-project-sft-1eac",
    ]
    prose = "ℹ️  To see all of it: mlcc runs list, or mlcc runs show with the name of a run."
    assert "\\" not in folded(prose, 40)
