"""A page of the documentation as it is followed: its surroundings, its blocks, hidden set-up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.blocks import Block, blocks

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
FOLLOWED = ("start", "guides", "extend")
"""The parts of the documentation whose blocks are run."""

RUN = ("console", "sh", "python")
SHOWN = ("text", "yaml", "json", "toml", "ini", "csv", "jsonl")
"""Languages of blocks that a reader only looks at."""

SURROUNDINGS = ("project", "account", "hub", "cluster", "real")
FIRST = re.compile(r"\A(?:# .*\n+)?<!-- page: (?P<names>[^\n]+) -->$", re.MULTILINE)
SETUP = re.compile(r"^<!-- setup\n(?P<text>.*?)^-->$", re.MULTILINE | re.DOTALL)
NOTE = re.compile(r"^<!-- *(?P<words>[^\n]*)", re.MULTILINE)
ANY_FENCE = re.compile(r"^(?P<indent>[ >]*)(?P<mark>```+|~~~+)", re.MULTILINE)
BARE_NOTES = ("setup", "background", "cards")
NOTES_WITH_WORDS = ("page: ", "file: ")
COMMAND = re.compile(r"\$ |mlcc [a-z-]|\./do/|pip install ")


@dataclass(frozen=True)
class Setup:
    """Commands that make what the reader is said to have.

    Attributes:
        line: where they begin in the page.
        text: they themselves.
    """

    line: int
    text: str


def pages() -> list[Path]:
    """Return the pages that are followed, in a fixed order."""
    return sorted(page for part in FOLLOWED for page in (DOCS / part).rglob("*.md"))


def surroundings(page: Path) -> list[str]:
    """Return the surroundings that the comment at a page's beginning asks for."""
    found = FIRST.search(page.read_text())
    return [name.strip() for name in found["names"].split(",")] if found else []


def parts(page: Path) -> list[Block | Setup]:
    """Return everything of a page that is done, in its order."""
    text = page.read_text()
    hidden = [
        Setup(text.count("\n", 0, m.start("text")) + 1, m["text"]) for m in SETUP.finditer(text)
    ]
    return sorted([*blocks(page), *hidden], key=lambda part: part.line)


def faults(page: Path) -> Iterator[str]:
    """Yield all that would keep a block of a page from being run without a word."""
    for fault in (*faults_of_blocks(page), *faults_of_comments(page)):
        yield f"{page.name}: {fault}"


def faults_of_blocks(page: Path) -> Iterator[str]:
    """Yield blocks that are neither run, nor written, nor only to be looked at."""
    found = list(blocks(page))
    for block in found:
        if block.background and (block.language != "sh" or block.file):
            yield f"line {block.line}: only an sh block runs in the background"
        if block.file or block.language in RUN:
            continue
        if block.language not in SHOWN:
            known = ", ".join((*RUN, *SHOWN))
            yield f"line {block.line}: a block is {known}; this is {block.language!r}"
        elif COMMAND.match(block.text) or "\n$ " in block.text:
            yield f"line {block.line}: a {block.language} block holds a command, which nothing runs"
    marks = len(ANY_FENCE.findall(page.read_text()))
    if marks != 2 * len(found):
        yield f"{marks} fences for {len(found)} blocks: one is indented, or not closed"


def faults_of_comments(page: Path) -> Iterator[str]:
    """Yield comments that ask for nothing, or that stand where they are not heard."""
    text = page.read_text()
    notes = [match["words"].removesuffix("-->").strip() for match in NOTE.finditer(text)]
    for name in surroundings(page):
        if name not in SURROUNDINGS:
            yield f"surroundings are {', '.join(SURROUNDINGS)}; this is {name!r}"
    if sum(note.startswith("page") for note in notes) != bool(surroundings(page)):
        yield "<!-- page: … --> stands once, before or after the title"
    for note in notes:
        if note not in BARE_NOTES and not note.startswith(NOTES_WITH_WORDS):
            yield f"a comment that asks for nothing known: {note!r}"
    if notes.count("setup") != len(SETUP.findall(text)):
        yield "a comment of set-up ends with a line that is -->"
    if notes.count("background") != sum(block.background for block in blocks(page)):
        yield "<!-- background --> stands on the line before its block"
