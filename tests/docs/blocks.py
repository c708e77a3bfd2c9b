"""The code blocks of a page: files to write, and commands to run with what they print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(
    r"^(?:<!-- file: (?P<file>[^\n]+?)(?P<more> \(continued\))? -->\n)?"
    r"(?P<background><!-- background -->\n)?"
    r"(?P<recipe><!-- recipe(?:: (?P<path>[^\n,]+))?(?:, after (?P<after>[^\n]+))? -->\n)?"
    r"```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        line: where its text begins in the page.
        language: after the fence.
        text: its content.
        file: the file it is, or is the next part of.
        continued: whether it is a next part.
        background: whether it runs until the page ends.
    """

    line: int
    language: str
    text: str
    file: str | None
    continued: bool
    background: bool = False


@dataclass
class Step:
    """A command of a ``console`` block, and the lines that it is said to print."""

    line: int
    command: str
    output: list[str] = field(default_factory=list)

    def expected(self) -> re.Pattern[str]:
        """The output as a pattern: ``…`` is anything within a line, alone any lines."""
        parts = []
        for line in self.output:
            if line == "…":
                parts.append(r"(?:.*\n)*?")
            else:
                words = r"[^\n]*".join(re.escape(part) for part in re.split(r"\s*…\s*", line))
                parts.append(words.replace(r"\ ", r"\s+") + r"[ \t]*\n")
        return re.compile("".join(parts) + r"\Z")


@dataclass(frozen=True)
class Change:
    """A block of a recipe: a change of mlcc itself, or commands to run after it.

    Attributes:
        text: its content.
        path: the file that it is, or is inserted into; ``None`` for commands.
        after: the beginning of the line that it is inserted after; ``None`` for a whole file.
    """

    text: str
    path: str | None
    after: str | None


def recipe(page: Path, heading: str) -> list[Change]:
    """Return the blocks under a heading that are marked ``<!-- recipe -->``, in their order."""
    section = page.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = FENCE.finditer(section)
    return [Change(m["text"], m["path"], m["after"]) for m in found if m["recipe"]]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks that an author of plugins follows: all but those of recipes."""
    text = page.read_text()
    for match in FENCE.finditer(text):
        if match["recipe"]:
            continue
        yield Block(
            line=text.count("\n", 0, match.start("text")) + 1,
            language=match["language"],
            text=match["text"],
            file=match["file"],
            continued=match["more"] is not None,
            background=match["background"] is not None,
        )


def steps(block: Block) -> Iterator[Step]:
    step = None
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if step is not None and step.command.endswith("\\"):
            step.command += f"\n{line}"
        elif line.startswith("$ "):
            if step is not None:
                yield step
            step = Step(number, line.removeprefix("$ "))
        elif step is not None:
            step.output.append(line)
    if step is not None:
        yield step
