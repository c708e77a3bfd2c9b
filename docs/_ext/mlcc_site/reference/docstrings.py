"""Docstrings in Google style as Markdown."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from mlcc_site.reference.text import CODE

HEAD = re.compile(r"^(?P<name>Args|Attributes|Returns|Raises|Yields|Example[^\n]*):$", re.MULTILINE)
ROLE = re.compile(r":(?:\w+:)?\w+:`~?(?P<name>[^`]+)`")
ENTRY = re.compile(
    r"^(?P<names>\*{0,2}\w[\w, *.]*): (?P<text>.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL
)
LITERAL = re.compile(r"^\.\. code-block:: (?P<language>\w+)\n", re.MULTILINE)
LISTED = ("Args", "Attributes", "Raises")


def function_entry(value: Callable[..., Any], *, level: int) -> str:
    """Return a function under a heading: its signature, and all that its docstring says."""
    name = value.__name__
    called = textwrap.fill(f"{name}{signature(value)}", 96, subsequent_indent="    ")
    return f"{'#' * level} {name}\n\n```python\n{called}\n```\n\n{docstring(value)}"


def signature(value: Any) -> str:
    """Return the parameters and the answer of a callable, without quotes around types."""
    try:
        shown = str(inspect.signature(value)).replace("'", "")
    except (TypeError, ValueError):
        return "(…)"
    return re.sub(r"<[^<>]*(?:<[^<>]*>[^<>]*)?>", "...", shown)


def docstring(value: Any) -> str:
    """Return a docstring as Markdown."""
    text = inspect.getdoc(value) or ""
    first = HEAD.search(text)
    parts = [prose(text[: first.start()] if first else text)]
    found = list(HEAD.finditer(text))
    for number, head in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        inside, after = indented(text[head.end() : end])
        parts.append(section(head["name"], inside))
        if after:
            parts.append(prose(after))
    return "\n".join(part for part in parts if part)


def indented(text: str) -> tuple[str, str]:
    """Return the indented lines that a section consists of, and what follows them."""
    lines = text.strip("\n").splitlines()
    count = next((n for n, line in enumerate(lines) if line and line[0] != " "), len(lines))
    return textwrap.dedent("\n".join(lines[:count])).strip("\n"), "\n".join(lines[count:])


def section(name: str, text: str) -> str:
    """Return one section: a list of names, an example as code, or a paragraph."""
    if name.startswith("Example"):
        return f"{prose(name + ':')}\n{example(text)}"
    title = {"Args": "Arguments"}.get(name, name)
    if name in LISTED and (entries := list(entries_of(text))):
        return f"**{title}**\n\n" + "\n".join(entries) + "\n"
    return f"**{title}**\n\n{prose(text)}"


def entries_of(text: str) -> Iterator[str]:
    """Yield the entries of a section as items of a list."""
    for entry in ENTRY.finditer(text):
        names = ", ".join(f"`{name.strip()}`" for name in entry["names"].split(","))
        yield f"- {names}: {line(entry['text'])}"


def example(text: str) -> str:
    """Return an example as a block of code; words before and after it stay words."""
    literal = LITERAL.match(text)
    if literal:
        return fenced(literal["language"], text[literal.end() :])
    return fenced(
        "pycon" if text.startswith(">>>") else "python" if is_python(text) else "text", text
    )


def is_python(text: str) -> bool:
    """Return whether a text is a program."""
    try:
        compile(text, "example", "exec")
    except SyntaxError:
        return False
    return True


def fenced(language: str, text: str) -> str:
    """Return a block of code."""
    body = textwrap.dedent(text).strip("\n")
    return f"```{language}\n{body}\n```\n"


def prose(text: str) -> str:
    """Return paragraphs, lists and blocks after ``::`` as Markdown."""
    parts = []
    after_colons = False
    for paragraph in re.split(r"\n[ ]*\n", text.strip("\n")):
        if after_colons and paragraph.startswith(" "):
            parts.append(fenced("text", paragraph))
            continue
        after_colons = paragraph.rstrip().endswith("::")
        if paragraph.lstrip().startswith(("* ", "- ")):
            parts.append("\n".join(inline(each) for each in paragraph.splitlines()) + "\n")
        elif paragraph.strip():
            parts.append(re.sub(r"::$", ":", line(paragraph)) + "\n")
    return "\n".join(parts)


def line(text: str) -> str:
    """Return text in one line of Markdown."""
    return " ".join(inline(text).split())


def inline(text: str) -> str:
    """Return text whose roles and double backquotes are code."""
    text = ROLE.sub(lambda match: f"`{match['name'].rpartition('.')[2]}`", text)
    text = text.replace("``", "`")
    parts = CODE.split(text)
    return "".join(p if n % 2 else re.sub(r"([<\[])", r"\\\1", p) for n, p in enumerate(parts))
