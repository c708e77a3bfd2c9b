"""The page of messages: what it quotes is still in the source, and nothing specified is missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
SOURCES = ("mlcc_core", "libs", "plugins")
QUOTED = re.compile(r"`((?:❌|…)[^`]+)`")
LEAST = 10
"""Characters of a message that do not differ: fewer would be found anywhere."""

SPECIFIED = (
    "is not yet supported for managed customization",
    "Schema divergence detected across files",
    "contains chat-format data",
    "--no-transform is active",
    "Technique not supported for this model",
    "AccessDenied",
    "sagemaker>=",
    "--force",
    "file, line and column",
)
"""Words of the problems that the specification has in its own troubleshooting."""


def messages() -> list[str]:
    return [" ".join(found.split()) for found in QUOTED.findall(PAGE.read_text())]


def fixed(message: str) -> list[str]:
    """Return the parts of a message that do not differ, without the sign before it.

    Example:
        ``❌ The name … is taken by …`` has ``The name`` and ``is taken by``
    """
    parts = message.removeprefix("❌").split("…")
    return [part.strip(" '\".,:;") for part in parts if len(part.strip(" '\".,:;")) > 2]


def text_of(node: ast.AST) -> str | None:
    """Return the text of a literal; a value that is put into it is a NUL character."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(value) or "\0" for value in node.values)
    return None


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        text = text_of(node)
        if text:
            yield " ".join(text.split(" "))


@cache
def source() -> str:
    """Every text of the source, one below the other."""
    files = (path for name in SOURCES for path in sorted((ROOT / name).rglob("*.py")))
    return "\n".join(text for path in files for text in literals(path))


@pytest.mark.parametrize("message", messages())
def test_the_fixed_words_of_a_message_are_in_the_source(message: str) -> None:
    parts = fixed(message)
    assert max(map(len, parts), default=0) >= LEAST, message
    assert [part for part in parts if part not in source()] == []


@pytest.mark.parametrize("words", SPECIFIED)
def test_the_messages_of_the_specification_are_on_the_page(words: str) -> None:
    assert words in " ".join(PAGE.read_text().split())


def test_a_message_that_is_gone_is_noticed() -> None:
    assert fixed("❌ The name … was taken over by …") == ["The name", "was taken over by"]
    assert "was taken over by" not in source()
    assert len(messages()) > 60
