"""Lines of a terminal as a picture in SVG, which looks alike whatever fonts a reader has.

Each run of characters has its place and its width, so that columns stay columns. The marks at the
beginning of lines (✅ ❌ 📋 …) are drawn, as few fonts have all of them. The text is in the picture
once more as its description: for readers who do not see it, and for the test that compares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape, unescape

from tests.docs.screens.terminal import COLUMNS, Line, Run, text_of, width

CELL, HEIGHT, SIZE = 8.0, 18.0, 13.3
"""A character's width, a line's height and the size of letters, in pixels."""

MARGIN, BAR = 20.0, 36.0
PAPER, INK, FAINT = "#161b26", "#dde3ee", "#8a94a6"
COLORS = {
    "black": "#4b5568",
    "red": "#ff7b72",
    "green": "#6fd38b",
    "brown": "#f0b429",
    "yellow": "#f0b429",
    "blue": "#79b8ff",
    "magenta": "#d2a8ff",
    "cyan": "#67d4e8",
    "white": INK,
    "default": INK,
}
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
DRAWN = {
    "✅": '<rect x="1" y="1" width="14" height="14" rx="3" fill="#2ea458"/>'
    '<path d="M4.5 8.3l2.5 2.5 4.5-5.5" fill="none" stroke="#fff" stroke-width="2"/>',
    "❌": '<path d="M3 3l10 10M13 3l-10 10" stroke="#ff5d55" stroke-width="2.6"'
    ' stroke-linecap="round"/>',
    "📋": '<rect x="2.5" y="2.5" width="11" height="12.5" rx="1.5" fill="#b9884f"/>'
    '<rect x="4.2" y="4.5" width="7.6" height="9" fill="#f4f1ea"/>'
    '<rect x="5.5" y="1" width="5" height="3" rx="1" fill="#9aa4b5"/>',
    "⚠": '<path d="M8 1.5l7 13h-14z" fill="#f0b429"/>'
    '<path d="M8 6v4M8 12v.5" stroke="#161b26" stroke-width="1.8" stroke-linecap="round"/>',
    "💬": '<path d="M2 2.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H7l-3.5 3v-3H2a1 1 0 0 1-1-1v-7'
    'a1 1 0 0 1 1-1z" fill="#dde3ee"/>'
    '<path d="M4 5.5h8M4 8.5h5" stroke="#161b26" stroke-width="1.4"/>',
    "🎉": '<path d="M1.5 14.5l4-9 5 5z" fill="#f0b429"/>'
    '<circle cx="10" cy="3" r="1.2" fill="#ff5d55"/><circle cx="13.5" cy="6" r="1.2" '
    'fill="#3b82d6"/><circle cx="12.5" cy="1.8" r="1" fill="#2ea458"/>',
    "🎬": '<rect x="1.5" y="6" width="13" height="8.5" rx="1" fill="#dde3ee"/>'
    '<path d="M1.5 5.5l12.5-3.5" stroke="#dde3ee" stroke-width="2.5"/>',
    "📈": '<rect x="1" y="1" width="14" height="14" rx="2" fill="#f4f1ea"/>'
    '<path d="M3 12l3.5-4 2.5 2 4-6" fill="none" stroke="#e0453a" stroke-width="1.8"/>',
    "ℹ": '<rect x="1" y="1" width="14" height="14" rx="3" fill="#3b82d6"/>'
    '<path d="M8 7.2v4.5M8 4.3v.4" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
}
"""Characters that are drawn."""

MARK = re.compile(f"([{''.join(DRAWN)}]\ufe0f?)")
PIECE = re.compile(f"{MARK.pattern}|( {{2,}})")
"""Ends of what stands together: browsers make one blank of several, so each part has its place."""


def draw(command: str, lines: Sequence[Line]) -> str:
    """Return the picture of a terminal in which a command was typed.

    Args:
        command: as it was typed, in one line.
        lines: what it printed.
    """
    prompt: Line = (Run(0, "$ ", "green"), Run(2, command, bold=True))
    shown = [prompt, *lines]
    wide = MARGIN * 2 + COLUMNS * CELL
    high = BAR + len(shown) * HEIGHT + MARGIN
    body = "\n".join(part for row, line in enumerate(shown) for part in row_parts(row, line))
    dots = "".join(
        f'<circle cx="{20 + 18 * n}" cy="18" r="5.5" fill="{color}"/>'
        for n, color in enumerate(("#f26d5f", "#f0b429", "#4cb86a"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" '
        f'width="{wide:g}" height="{high:g}" role="img">\n'
        f"<title>{escape('$ ' + command)}</title>\n"
        f"<desc>{escape(text_of(list(lines)))}</desc>\n"
        f'<rect width="{wide:g}" height="{high:g}" rx="10" fill="{PAPER}"/>\n{dots}\n'
        f'<g font-family="{FONT}" font-size="{SIZE}" fill="{INK}">\n'
        f"{body}\n</g>\n</svg>\n"
    )


def row_parts(row: int, line: Line) -> Iterator[str]:
    """Yield the elements of one line."""
    base = BAR + row * HEIGHT + HEIGHT * 0.75
    for run in line:
        column = run.column
        for piece in PIECE.split(run.text):
            if piece is None:
                continue
            if piece[:1] in DRAWN:
                yield mark(piece[0], MARGIN + column * CELL, base - 12)
            elif piece.strip():
                yield words(run, piece, column, base)
            column += width(piece)


def mark(char: str, x: float, y: float) -> str:
    """Return a drawn character."""
    return f'<g transform="translate({x:g} {y:g}) scale(.92)">{DRAWN[char]}</g>'


def words(run: Run, text: str, column: int, base: float) -> str:
    """Return characters at their place, as wide as their columns."""
    blanks = len(text) - len(text.lstrip())
    text = text.strip()
    x = MARGIN + (column + blanks) * CELL
    color = FAINT if run.dim else COLORS.get(run.color, f"#{run.color}")
    behind = ""
    if run.reverse:
        behind = (
            f'<rect x="{x - 1:g}" y="{base - 13:g}" width="{width(text) * CELL + 2:g}" '
            f'height="{HEIGHT - 1:g}" rx="3" fill="{color}"/>'
        )
        color = PAPER
    look = f' fill="{color}"' if color != INK else ""
    look += ' font-weight="700"' if run.bold else ""
    return behind + (
        f'<text x="{x:g}" y="{base:g}" textLength="{width(text) * CELL:g}" '
        f'lengthAdjust="spacingAndGlyphs"{look}>{escape(text, quote=False)}</text>'
    )


def described(picture: str) -> str:
    """Return the text that a picture shows."""
    found = re.search(r"<desc>(.*?)</desc>", picture, re.DOTALL)
    return unescape(found[1]) if found else ""
