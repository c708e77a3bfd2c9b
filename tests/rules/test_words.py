"""Docstrings say what a thing is or does: they ask no questions."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = re.compile(r"(?:What|Whether|Who|Whose|Which|How|When|Where|Why)\b")
RIDDLE = re.compile(r"(?:[.!?]|\n\n)\s+((?:What|Whether|Who)\b[^.]*)")
FOREIGN = re.compile(
    r"(?<![Tt]here )\b(?:is|are) no (?!longer\b|more\b)[a-z]+|\b[Nn]obody\b|\b[Ww]hoever\b"
)
FILES = [path for room in ("mlcc_core", "libs", "plugins") for path in (ROOT / room).rglob("*.py")]


def questions(source):
    """Sentences of docstrings, those of values too, that are indirect questions."""
    for node in ast.walk(ast.parse(source)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if QUESTION.match(value.value):
                yield value.value.splitlines()[0]
            yield from RIDDLE.findall(value.value)


def foreign(source):
    """Return the phrases of texts, docstrings included, that are not plain English."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (match[0] for match in FOREIGN.finditer(" ".join(node.value.split())))


def test_no_text_is_foreign():
    found = {
        f"{path.relative_to(ROOT)}: {phrase}"
        for path in FILES
        for phrase in foreign(path.read_text())
        if not path.is_relative_to(ROOT / "mlcc_core" / "testing")
    }
    assert found == set()


@pytest.mark.parametrize("text", ["It is no file.", "Nobody knows.", "for whoever asks"])
def test_the_rule_finds_foreign_phrases(text):
    assert len([*foreign(f"WORDS = {text!r}")]) == 1


def test_no_docstring_asks_a_question():
    found = {
        f"{path.relative_to(ROOT)}: {line}"
        for path in FILES
        for line in questions(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize("text", ["Whether it is.", "What it does.", "How far it is."])
def test_the_rule_finds_questions(text):
    assert [*questions(f'def f():\n    """{text}"""\n')] == [text]


def test_the_rule_finds_values_and_later_sentences():
    assert [*questions('LIMIT = 3\n"""How many there are."""\n')] == ["How many there are."]
    text = "Return it. What is left stays."
    assert [*questions(f'def f():\n    """{text}"""\n')] == ["What is left stays"]


PAGES = [
    *(path for path in (ROOT / "docs").rglob("*.md") if path.name != "api.md"),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
]
FENCED = re.compile(r"^```.*?^```$|<!--.*?-->", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`|\*\*[^*]*\*\*")
BEGINS = re.compile(r"(?:^|[.!?] |^[-|] )(?:What|Whether|Who) [^|?]*(?:[.|]|$)", re.MULTILINE)


def prose(path):
    """The sentences of a page, without its blocks, its code and the words that it quotes."""
    return CODE.sub("", FENCED.sub("", path.read_text()))


def test_no_page_is_written_in_riddles():
    assert len(PAGES) > 60
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in PAGES
        for pattern in (BEGINS, FOREIGN)
        for match in pattern.finditer(prose(path))
    }
    assert found == set()
