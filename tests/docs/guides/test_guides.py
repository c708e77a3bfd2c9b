"""The README: each command is one that mlcc takes, with these flags; links lead somewhere.

The pages of the site are followed: ``tests/docs/pages``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mlcc_core.cli.console import Console
from mlcc_core.cli.main import mlcc
from tests.docs.blocks import blocks

ROOT = Path(__file__).parents[3]
GUIDES = sorted(set((ROOT / "docs" / "guides").glob("*.md")) - {ROOT / "docs/guides/index.md"})
README = ROOT / "README.md"
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
        pytest.param(words, id=f"{block.line} {' '.join(words)[:60]}")
        for block in blocks(README)
        if block.language in ("sh", "bash")
        for line in lines(block.text)
        for words in commands(line)
    ]


@pytest.mark.parametrize("words", found())
def test_mlcc_takes_a_command_of_the_readme(words: list[str]) -> None:
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
    assert len(GUIDES) > 10
    assert len(found()) >= 4


def test_every_link_of_the_readme_leads_somewhere() -> None:
    """The pages of the site are looked at by its build; this one is not of the site."""
    targets = [m["target"] for m in LINK.finditer((ROOT / "README.md").read_text())]
    assert targets
    for target in targets:
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_readme_links_every_part_and_the_index_every_guide() -> None:
    parts = ROOT.glob("docs/*/index.md")
    assert set(parts) <= linked(ROOT / "README.md")
    assert set(GUIDES) <= linked(ROOT / "docs" / "guides" / "index.md")


def linked(page: Path) -> set[Path]:
    """Return the files that a page links."""
    return {(page.parent / m["target"]).resolve() for m in LINK.finditer(page.read_text())}
