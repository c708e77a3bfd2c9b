"""``do/config``: shell assignments that a shell can source safely, and that we never execute.

We read what a shell would make of plain and quoted words. A value that would need a shell
(``$…``, backquotes, ``$(…)``) is an error only when that variable is asked for. Writing replaces
values where they stand, keeps every other character, and replaces the file at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.errors import MlccError
from mlcc_core.helpers.disk import disk_errors
from mlcc_core.helpers.files import write_atomically
from mlcc_core.helpers.shell_word import UnclosedQuote, read_word, write_word
from mlcc_core.project.hints import config_anew, edit_hint, init_command

EXPORT = re.compile(r"[ \t]*(?:export[ \t]+)?")
BOM = "\ufeff"
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
BLANKS = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable of the file.

    Attributes:
        name: the variable.
        value: ``None`` when a shell would be needed to know it.
        line: 1-based, of its first line.
        start, end: the characters of its value, as written.
        alone: the characters of its line or lines, if nothing else is assigned there.
    """

    name: str
    value: str | None
    line: int
    start: int
    end: int
    alone: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A parsed file.

    Attributes:
        path: where it was read.
        text: all of it.
        assignments: in the order of the file; the last one of a name counts.
        odd_lines: 1-based numbers of lines that are neither comment nor assignment; kept as
            they are, and named by ``doctor``.
    """

    path: Path
    text: str
    assignments: tuple[Assignment, ...]
    odd_lines: tuple[int, ...]

    def find(self, name: str) -> Assignment | None:
        return next((a for a in reversed(self.assignments) if a.name == name), None)

    def get(self, name: str) -> str | None:
        """Return the value of ``name``; ``None`` when it is not set or empty.

        Raises:
            MlccError: its value would need a shell.
        """
        found = self.find(name)
        if found is None:
            return None
        if found.value is None:
            line = self.text.split("\n")[found.line - 1].strip()
            raise MlccError(
                f"{name} is set to something that only a shell could evaluate: {line}",
                where=f"{self.path}:{found.line}",
                detail=("Expected a plain value; do/config is read, never executed.",),
                hint=edit_hint(self.path, found.line, f"export {name}='the value itself'"),
            )
        return found.value or None

    def known(self) -> Mapping[str, str]:
        """Return every variable whose value is plain."""
        last = {a.name: a.value for a in self.assignments}
        return {name: value for name, value in last.items() if value is not None}


def read_config(path: Path) -> Config:
    """Parse ``path``.

    Raises:
        MlccError: it is missing, is not text, or a quote in it is never closed.
        PlatformError: it cannot be read.
    """
    aside = config_anew(path)
    try:
        with disk_errors(path):
            text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise MlccError(
            f"{path} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}.",
            hint=aside,
        ) from None
    except MlccError:
        if path.exists():
            raise
        raise MlccError(f"{path} does not exist.", hint=init_command(path.parent.parent)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise MlccError("A NUL character, expected text.", where=f"{path}:{line}", hint=aside)
    return parse_config(path, text)


def parse_config(path: Path, text: str) -> Config:
    """Parse the text of a config; ``path`` is for messages.

    Raises:
        MlccError: a quote is never closed.
    """
    assignments: list[Assignment] = []
    odd: list[int] = []
    position, line = len(BOM) if text.startswith(BOM) else 0, 1
    while position < len(text):
        start = position
        found, position = _line(path, text, start, line)
        rest_end = _line_end(text, position)
        rest = text[position:rest_end].strip()
        plain = not rest or rest.startswith("#")
        if not found and not plain:
            odd.append(line)
        alone = (start, rest_end) if len(found) == 1 and plain else None
        for a in found:
            value = a.value if plain else None
            assignments.append(Assignment(a.name, value, a.line, a.start, a.end, alone))
        position = rest_end
        line += text.count("\n", start, position)
    return Config(path, text, tuple(assignments), tuple(odd))


def write_variables(path: Path, values: Mapping[str, str | None]) -> None:
    """Set variables (``None`` removes one), keep everything else, replace the file at once.

    The caller holds the project's lock.

    Raises:
        MlccError: the file cannot be parsed, or a value does not fit.
        PlatformError: the file cannot be read or written.
    """
    text = changed_text(read_config(path), values)
    with disk_errors(path):
        write_atomically(path, text.encode())


def changed_text(config: Config, values: Mapping[str, str | None]) -> str:
    """Return the text of ``config`` with variables set or, for ``None``, removed.

    A value that is plain is replaced where it stands, the last one of its name if there are
    several. One that a shell would have to evaluate stays, and a new line behind it counts.

    Raises:
        MlccError: a value holds a newline or NUL, or is not Unicode.
    """
    edits: list[tuple[int, int, str]] = []
    added: list[str] = []
    for name, value in values.items():
        quoted = _quoted(name, value or "")
        there = [a for a in config.assignments if a.name == name]
        if value is None:
            plain = [a for a in there if a.value is not None]
            edits += [(*a.alone, "") if a.alone else (a.start, a.end, quoted) for a in plain]
            if len(plain) < len(there):
                added.append(assignment_line(name, ""))
        elif there and there[-1].value is not None:
            edits.append((there[-1].start, there[-1].end, quoted))
        else:
            added.append(assignment_line(name, value))
    text = config.text
    # From the end backwards, so that earlier positions stay right.
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    if added and text and not text.endswith("\n"):
        text += "\n"
    if added and text.endswith("\\\n"):
        text += "\n"  # else the shell would take our line for the end of that one
    return text + "".join(added)


def assignment_line(name: str, value: str) -> str:
    """Return ``export NAME=value``, quoted so that sourcing it runs nothing.

    Raises:
        MlccError: the value holds a newline or NUL, or is not Unicode.
    """
    return f"export {name}={_quoted(name, value)}\n"


def _quoted(name: str, value: str) -> str:
    try:
        return write_word(value)
    except ValueError:
        raise MlccError(
            f"{name} cannot hold {value!r}: expected one line of Unicode text.",
            where=name,
            hint="mlcc init --help   # the flags that set variables",
        ) from None


def _line(path: Path, text: str, start: int, line: int) -> tuple[list[Assignment], int]:
    """Parse the assignments that begin in the line at ``start``; return the end of the last."""
    found: list[Assignment] = []
    position = at = _skip(EXPORT, text, start)
    while match := ASSIGNMENT.match(text, at):
        begun = line + text.count("\n", start, at)
        value, position = _word(path, text, match.end(), begun)
        found.append(Assignment(match[1], value, begun, match.end(), position))
        at = _skip(BLANKS, text, position)
        if value is None or at == position:
            break
    return found, position


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1


def _word(path: Path, text: str, position: int, line: int) -> tuple[str | None, int]:
    try:
        return read_word(text, position)
    except UnclosedQuote:
        raise MlccError(
            "A quote is opened and never closed.",
            where=f"{path}:{line}",
            hint=edit_hint(path, line, "close the quote"),
        ) from None
