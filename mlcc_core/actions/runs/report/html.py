"""HTML, written so that nothing can be forgotten: every text is escaped, unless it is markup."""

from __future__ import annotations

import html
from collections.abc import Iterable

CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)}
"""Control characters, which HTML does not allow, as the pictures of their names: ``␀``."""

VOID = frozenset(("br", "hr", "input", "link", "meta"))


class Markup(str):
    """HTML that is written already; any other text is escaped where it is put into some."""

    __slots__ = ()


def tag(element: str, /, *children: str | None, **attributes: str | float | bool | None) -> Markup:
    """Return an element.

    Args:
        element: its name.
        children: texts, which are escaped, and markup, which is not; ``None`` is left out.
        attributes: by name; ``class_`` is ``class``, and other underscores are hyphens. ``None``
            and ``False`` leave one out.

    Example:
        >>> tag("p", "1 < 2", class_="note")
        '<p class="note">1 &lt; 2</p>'
    """
    given = "".join(
        f" {_attribute(key)}" + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in VOID:
        return Markup(f"<{element}{given}>")
    return Markup(f"<{element}{given}>{joined(children)}</{element}>")


def joined(parts: Iterable[str | None]) -> Markup:
    """Return texts and markup one after the other."""
    return Markup("".join(escaped(part) for part in parts if part is not None))


def escaped(text: str) -> Markup:
    """Return a text as HTML; markup stays as it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(text).translate(CONTROLS))


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key
