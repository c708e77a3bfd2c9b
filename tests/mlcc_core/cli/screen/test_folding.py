"""Lines that fit a terminal: broken between words, commands so that a copy runs."""

from __future__ import annotations

import shlex

import pytest

from mlcc_core.cli.screen.folding import folded
from mlcc_core.cli.screen.width import display_width

SENTENCES = [
    "✅ my-project-sft-1eacfa38-1 completed: adapter at /home/user/project/.mlcc/outputs/adapter",
    "⚠️  Worse by: exact match 0.8 → 0.7, loss 1.2 → 1.4, reward 0.7 → 0.2, preference 1 → 0.9.",
    "   training type  lora on a model that has a name and a remark that goes on and on and on",
    "Ein Satz mit Umlauten: äöüß, und 日本語の文字, und noch ein paar Wörter mehr bis zum Ende.",
]

COMMANDS = [
    "   mlcc tune 'rows of mine.jsonl' --technique sft --column-map 'a b:prompt,c:completion' -n",
    './do/tune --technique dpo --dataset "hf://nvidia/When2Call?file=*call*" --learning-rate 5e-6',
    "MLCC_DISABLE_PLUGINS=bad mlcc tune rows.jsonl --technique sft --epochs 3 --batch-size 8",
]


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("line", SENTENCES)
def test_no_line_is_wider_and_no_word_is_cut(line: str, width: int):
    lines = folded(line, width)
    words = line.split()
    assert " ".join(lines).split() == words
    longest = max(map(display_width, words))
    assert all(display_width(part) <= max(width, longest + 6) for part in lines)


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("line", COMMANDS)
def test_a_copy_of_a_command_runs(line: str, width: int):
    lines = folded(line, width)
    assert all(part.endswith(" \\") for part in lines[:-1])
    copied = "\n".join(lines).replace("\\\n", " ")
    assert shlex.split(copied) == shlex.split(line)
    assert all(display_width(part) <= max(width, 50) for part in lines)


def test_a_command_that_ends_a_sentence_has_lines_of_its_own():
    line = (
        "⚠️  An orphan stands, and goes on until it ends, or until: mlcc stop my-project-sft-1eacfa"
    )
    assert folded(line, 60) == [
        "⚠️  An orphan stands, and goes on until it ends, or until:",
        "   mlcc stop my-project-sft-1eacfa",
    ]
    assert folded(line, 120) == [line]


def test_further_lines_stand_under_the_first_word():
    assert folded("   form           one of the forms that the data has", 40) == [
        "   form           one of the forms that",
        "                  the data has",
    ]
    assert folded("✅ three words here", 12) == ["✅ three", "   words", "   here"]


def test_a_long_word_stays_whole():
    path = "/home/user/" + "folder/" * 12
    assert path in folded(f"✅ The adapter of this run is at {path}", 40)[-1]


def test_without_a_width_a_line_is_left_as_it_is():
    assert folded(SENTENCES[0], None) == [SENTENCES[0]]
