"""Public names that are values: where each is assigned, and the words below the assignment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from mlcc_site.reference.docstrings import prose
from mlcc_site.reference.text import code

ROOT = Path(__file__).resolve().parents[4]
SHOWN = 200
"""Characters of a value that are shown; of a longer one, its type is."""


def entry(package: str, name: str, value: Any) -> str:
    """Return a value under a heading: the words about it, and the value itself."""
    _, words = assigned(package)[name]
    text = f"## {name}\n\n{prose(words)}\n"
    if get_origin(value) is Literal:
        choices = ", ".join(code(str(choice)) for choice in get_args(value))
        return f"{text}One of {choices}.\n"
    if len(repr(value)) > SHOWN or " object at " in repr(value):
        return f"{text}A value of type {code(type(value).__name__)}.\n"
    return f"{text}```python\n{name} = {value!r}\n```\n"


def home_of(package: str, name: str) -> str:
    """Return the module that assigns a public value."""
    return assigned(package)[name][0]


@cache
def assigned(package: str) -> dict[str, tuple[str, str]]:
    """Return module and words of each value of a package that has words, by name."""
    place = ROOT / package.replace(".", "/")
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found |= {name: (module, words) for name, words in documented(path)}
    return found


def documented(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each name that a module assigns with a text below, and the text."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for before, after in pairwise(body):
        match after:
            case ast.Expr(value=ast.Constant(value=str(words))):
                yield from ((name, words) for name in names_in(before))


def names_in(statement: ast.stmt) -> Iterator[str]:
    """Yield the public names that a statement assigns."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            if not name.startswith("_"):
                yield name
