"""Texts without differences that do not change an answer."""

from __future__ import annotations

import unicodedata

AROUND = "\"'“”‘’„«»‹›「」『』()[]{}*_` "
"""Quotes, brackets and the marks of Markdown; compatibility forms are gone before."""

BEFORE = AROUND + "¿¡"
AFTER = AROUND + ".,;:!?。、"
"""A minus, a point before a number, a percent sign or a currency belong to the answer."""


def normalised(text: str) -> str:
    """Return a text in small letters, with single spaces and without punctuation at its ends.

    A text of nothing but punctuation keeps it.
    """
    folded = unicodedata.normalize("NFKC", text)
    while (again := unicodedata.normalize("NFKC", folded.casefold())) != folded:
        folded = again
    spaced = " ".join(folded.split())
    return spaced.lstrip(BEFORE).rstrip(AFTER) or spaced
