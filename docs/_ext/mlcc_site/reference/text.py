"""Plain text as Markdown: tables, cells, and paragraphs that no sign of theirs disturbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\<>*|\[\]])")
CODE = re.compile(r"(`[^`]*`)")


def escape(text: str) -> str:
    """Return text whose signs mean themselves; what stands in backquotes stays code."""
    parts = CODE.split(text)
    return "".join(part if n % 2 else SPECIAL.sub(r"\\\1", part) for n, part in enumerate(parts))


def code(text: str) -> str:
    """Return text as code, in a cell too."""
    return f"`{text}`".replace("|", r"\|") if text else ""


def cell(text: str) -> str:
    """Return text for a cell: one line."""
    return " ".join(escape(text).split())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
