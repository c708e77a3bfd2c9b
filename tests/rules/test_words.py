"""Docstrings say what a thing is or does: they ask no questions."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = re.compile(r"(?:What|Whether|Who|Whose|Which|How|When|Where|Why)\b")
FILES = [path for room in ("mlcc_core", "libs", "plugins") for path in (ROOT / room).rglob("*.py")]
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def questions(source):
    """First lines of docstrings that begin like a question."""
    for node in ast.walk(ast.parse(source)):
        text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        if text and QUESTION.match(text):
            yield text.splitlines()[0]


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
