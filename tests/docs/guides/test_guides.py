"""The guides: each command is one that mlcc takes, with these flags; links lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import mlcc
from mlcc_core.project.commands import COMMANDS
from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAGES = [*GUIDES, ROOT / "README.md"]
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
ENDS = ("&&", "||", "|", ";", "&", ">")
"""Words of a shell at which a command ends."""


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a shell, those that go on joined."""
    yield from (line for line in text.replace("\\\n", " ").splitlines() if line.strip())


def commands(line: str) -> Iterator[list[str]]:
    """Yield the words of each command of ours in a line, its name first.

    Example:
        ``./do/deploy && ./do/test --ic a`` has ``["deploy"]`` and ``["test", "--ic", "a"]``
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in (*lexer, ";"):
        if word not in ENDS:
            words.append(word)
            continue
        if words and words[0] == "mlcc":
            yield words[1:]
        elif words and words[0].startswith("./do/"):
            yield [words[0].removeprefix("./do/"), *words[1:]]
        words = []


def found() -> list[object]:
    return [
        pytest.param(words, id=f"{page.name}:{block.line} {' '.join(words)[:60]}")
        for page in PAGES
        for block in blocks(page)
        if block.language in ("sh", "bash")
        for line in lines(block.text)
        for words in commands(line)
    ]


@pytest.mark.parametrize("words", found())
def test_mlcc_takes_a_command_of_the_pages(words: list[str]) -> None:
    """Parse it as click does, without calling it."""
    command: click.Command = mlcc
    context = click.Context(command, info_name="mlcc", obj=Console(words))
    rest = words
    while isinstance(command, click.Group):
        name, next_command, rest = command.resolve_command(context, rest)
        assert next_command is not None, name
        command = next_command
        context = click.Context(command, info_name=name, parent=context)
    command.make_context(context.info_name, list(rest), parent=context.parent)


def test_there_are_guides_with_commands() -> None:
    assert GUIDES
    assert len(found()) > 20
    for page in GUIDES:
        assert any(block.language == "sh" for block in blocks(page)), page
        scripts = [path for path in COMMANDS if f"do/{path}" in page.read_text()]
        assert scripts


def test_every_link_of_a_guide_leads_somewhere() -> None:
    for page in GUIDES:
        text = page.read_text()
        headings = {
            re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("#")
        }
        for target in (match["target"] for match in LINK.finditer(text)):
            if target.startswith("#"):
                assert target[1:] in headings, target
            elif not target.startswith("https://"):
                assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_every_guide_is_linked(name: str) -> None:
    page = ROOT / name
    targets = {(page.parent / m["target"]).resolve() for m in LINK.finditer(page.read_text())}
    assert {path.resolve() for path in GUIDES} <= targets
