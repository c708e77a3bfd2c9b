"""The patterns of a README's ``data_files``: globs as the Hub reads them, on names alone.

The Hub resolves them with fsspec. A test holds this module to that library.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from mlcc_core.helpers.selection import METADATA_NAMES

MAGIC = re.compile(r"[*?\[]")
"""A character of patterns: a name without any means itself."""

IGNORED = METADATA_NAMES | {"README.md", "dummy_data.zip"}
"""Files that a pattern means only where it ends with just their name."""


def names_like(names: Collection[str], pattern: str) -> list[str]:
    """Return the names that ``pattern`` means, sorted.

    ``*`` stays within a folder and ``**`` is any number of folders. Hidden names, and folders that
    begin with two underscores, are meant only by a pattern that says so (``.cache/*``).

    Args:
        names: of all files, ``/``-separated.
        pattern: relative to the same folder as the names.

    Raises:
        ValueError: ``**`` with anything else between two slashes.

    Example:
        >>> names_like(["data/a.csv", "data/x/b.csv", "c.csv"], "data/*.csv")
        ['data/a.csv']
    """
    if not MAGIC.search(pattern):
        return [pattern] if pattern in names else []
    fits = compiled(pattern).match
    last = pattern.rpartition("/")[2]
    special, hidden = _special(pattern), _hidden(pattern)
    return sorted(
        name
        for name in names
        if fits(name)
        and ((base := name.rpartition("/")[2]) not in IGNORED or base == last)
        and _special(name) == special
        and _hidden(name) == hidden
    )


def _special(path: str) -> int:
    if "__" not in path:
        return 0
    return sum(part.startswith("__") for part in path.split("/")[:-1])


def _hidden(path: str) -> int:
    if not path.startswith(".") and "/." not in path:
        return 0
    return sum(part.startswith(".") and bool(part.strip(".")) for part in path.split("/"))


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression for whole names.

    Raises:
        ValueError: ``**`` with anything else between two slashes.
    """
    *folders, last = pattern.split("/")
    pieces = [_folder(part) for part in folders]
    pieces.append({"*": "[^/]+", "**": ".*"}.get(last) or _segment(last))
    return re.compile(f"(?s:{''.join(pieces)})\\Z")


def _folder(part: str) -> str:
    return {"*": "[^/]+/", "**": "(?:.+/)?"}.get(part) or f"{_segment(part)}/"


def _segment(part: str) -> str:
    if "**" in part:
        raise ValueError(f"in {part!r}, '**' must stand alone between two slashes")
    return "".join(_signs(part))


def _signs(part: str) -> Iterator[str]:
    at = 0
    while at < len(part):
        sign, at = part[at], at + 1
        close = part.find("]", at + 1 + part.startswith("!", at)) if sign == "[" else -1
        if close >= 0:
            yield _one_of(part[at:close])
            at = close + 1
        else:
            yield {"*": "[^/]*", "?": "[^/]"}.get(sign) or re.escape(sign)


def _one_of(signs: str) -> str:
    """Return a set of characters and ranges, the part between ``[`` and ``]``, as an expression."""
    negated = signs.startswith("!")
    rest = signs[negated:]
    found = []
    while rest:
        if rest[1:2] == "-" and len(rest) > 2:
            if rest[0] <= rest[2]:
                found.append(f"{re.escape(rest[0])}-{re.escape(rest[2])}")
            rest = rest[3:]
        else:
            found.append(re.escape(rest[0]))
            rest = rest[1:]
    if not found:
        return "." if negated else "(?!)"
    return f"[{'^' * negated}{''.join(found)}]"
