"""Every public name with its docstring, in groups: a page for each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from mlcc_core.cli.documents.schema import field_words
from mlcc_site.reference import values
from mlcc_site.reference.docstrings import docstring, function_entry, signature
from mlcc_site.reference.text import code

GROUPS: dict[str, tuple[str, str]] = {
    "technique": ("mlcc_core", r"contract\.(technique|rewards)"),
    "metric": ("mlcc_core", r"contract\.(metric|evaluation)"),
    "source": ("mlcc_core", r"contract\.source"),
    "platform": ("mlcc_core", r"contract\.(platform|managed|money|script)"),
    "plugins": ("mlcc_core", r"contract\."),
    "actions": ("mlcc_core", r""),
    "helpers": ("mlcc_core.helpers", r""),
    "http": ("mlcc_core.helpers.http", r""),
    "splits": ("mlcc_core.helpers.splits", r""),
    "testing": ("mlcc_core.testing.contracts", r""),
}
"""Pages by name: the package that exports, and the beginning of where a name is defined. The first
that fits takes a name."""


def markdown(group: str) -> str:
    """Return the names of a group, each under a heading."""
    package = GROUPS[group][0]
    return "\n".join(entry(package, name) for name in names(group))


def names(group: str) -> list[str]:
    """Return the public names that stand on a page."""
    package = GROUPS[group][0]
    return [name for name in import_module(package).__all__ if group_of(package, name) == group]


def group_of(package: str, name: str) -> str:
    """Return the page of a public name."""
    value = getattr(import_module(package), name)
    has_home = inspect.isclass(value) or inspect.isroutine(value)
    home = value.__module__ if has_home else values.home_of(package, name)
    place = home.removeprefix("mlcc_core.")
    return next(
        group
        for group, (of, pattern) in GROUPS.items()
        if of == package and re.match(pattern, place)
    )


def entry(package: str, name: str) -> str:
    """Return one name: its heading, its signature, its docstring, its members."""
    value = getattr(import_module(package), name)
    if inspect.isclass(value):
        parts = [f"## {name}\n", class_line(value), docstring(value), *members(value)]
        return "\n".join(part for part in parts if part)
    if inspect.isroutine(value):
        return function_entry(value, level=2)
    return values.entry(package, name, value)


def class_line(value: type) -> str:
    """Return how a class is imported, and the classes of ours that it extends."""
    ours = [base.__name__ for base in value.__bases__ if base.__module__.startswith("mlcc_core")]
    shown = f"{value.__name__}({', '.join(ours)})" if ours else value.__name__
    return f"```python\nclass {shown}\n```\n"


def members(value: type) -> Iterator[str]:
    """Yield the public methods and properties that a class of ours defines.

    One whose words stand among the class's attributes is there already.
    """
    told = field_words(value)
    for name, member in vars(value).items():
        inner = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
        if name.startswith("_") or (name in told and not inner.__doc__):
            continue
        if inspect.isfunction(inner):
            yield f"{code(name + signature(inner))}\n{body(getattr(value, name))}"
        elif isinstance(inner, property):
            yield f"{code(name)}\n{body(inner)}"


def body(member: Any) -> str:
    """Return what is said about a member, set off below its name."""
    lines = docstring(member).splitlines()
    return ": " + "\n  ".join(lines) + "\n"
