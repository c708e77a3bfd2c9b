"""``do/config``: shell assignments that a shell can source safely, and that we never execute.

We read what a shell would make of plain and quoted words. A value that would need a shell
(``$…``, backquotes, ``$(…)``) is an error only when that variable is asked for. Writing keeps
every other line, comments included, and replaces the file at once.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlcc_core.errors import MlccError

ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=")
SHELL_ACTIVE = frozenset("$`")
UNQUOTED_END = frozenset(" \t\n")
UNQUOTED_SPECIAL = frozenset("$`|&;<>()*?[]{}~!")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable of the file.

    Attributes:
        name: the variable.
        value: ``None`` when a shell would be needed to know it.
        line: 1-based, of its first line.
        start, end: its characters in the text, the final newline included.
    """

    name: str
    value: str | None
    line: int
    start: int
    end: int


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
        """The value of ``name``; ``None`` when it is not set or empty.

        Raises:
            MlccError: its value would need a shell.
        """
        found = self.find(name)
        if found is None:
            return None
        if found.value is None:
            line = self.text[found.start : found.end].strip()
            raise MlccError(
                f"{name} is set to something that only a shell could evaluate: {line}",
                where=f"{self.path}:{found.line}",
                detail=("Expected a plain value; do/config is read, never executed.",),
                hint=f"edit line {found.line} to: export {name}='the value itself'",
            )
        return found.value or None

    def known(self) -> Mapping[str, str]:
        """Every variable whose value is plain."""
        return {a.name: a.value for a in self.assignments if a.value is not None}


def read_config(path: Path) -> Config:
    """Parse ``path``.

    Raises:
        MlccError: it is missing, is not text, or a quote in it is never closed.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise MlccError(f"{path} does not exist.", hint=f"mlcc init {path.parent.parent}") from None
    except UnicodeDecodeError as error:
        raise MlccError(
            f"{path} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}.",
            hint=f"mend or remove {path}, then: mlcc init {path.parent.parent}",
        ) from None
    if "\0" in text:
        raise MlccError(
            f"{path} holds a NUL character, expected text.",
            hint=f"mend or remove {path}, then: mlcc init {path.parent.parent}",
        )
    return parse_config(path, text)


def parse_config(path: Path, text: str) -> Config:
    """Parse the text of a config; ``path`` is for messages.

    Raises:
        MlccError: a quote is never closed.
    """
    assignments: list[Assignment] = []
    odd: list[int] = []
    position, line = 0, 1
    while position < len(text):
        start = position
        match = ASSIGNMENT.match(text, position)
        if match:
            value, position, plain = _word(path, text, match.end(), line)
            end = _line_end(text, position)
            rest = text[position:end].strip()
            plain = plain and (not rest or (rest.startswith("#") and text[position] in " \t"))
            assignments.append(Assignment(match[1], value if plain else None, line, start, end))
        else:
            end = _line_end(text, position)
            content = text[start:end].strip()
            if content and not content.startswith("#"):
                odd.append(line)
        position = end
        line += text.count("\n", start, end)
    return Config(path, text, tuple(assignments), tuple(odd))


def write_variables(path: Path, values: Mapping[str, str | None]) -> None:
    """Set variables (``None`` removes one), keep everything else, replace the file at once.

    The caller holds the project's lock.

    Raises:
        MlccError: the file cannot be parsed, or a value holds a newline or NUL.
    """
    config = read_config(path)
    text = config.text
    # From the end backwards, so that earlier positions stay right.
    for found in sorted(config.assignments, key=lambda a: a.start, reverse=True):
        if found.name in values and found == config.find(found.name):
            new = values[found.name]
            replacement = "" if new is None else assignment_line(found.name, new)
            text = text[: found.start] + replacement + text[found.end :]
    present = {a.name for a in config.assignments}
    added = [
        assignment_line(name, value)
        for name, value in values.items()
        if value is not None and name not in present
    ]
    if added and text and not text.endswith("\n"):
        text += "\n"
    write_atomically(path, (text + "".join(added)).encode())


def assignment_line(name: str, value: str) -> str:
    """``export NAME=value``, quoted so that nothing in the value can run when it is sourced.

    Raises:
        MlccError: the value holds a newline or NUL.
    """
    if "\n" in value or "\0" in value:
        raise MlccError(f"{name} cannot hold {value!r}: a newline or NUL does not fit do/config.")
    return f"export {name}={shlex.quote(value)}\n"


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace ``path`` (or what it links to) by ``data``: readers see the old or the new, whole.

    Args:
        mode: permission bits; by default those of the file that is replaced, else 0o644.
    """
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1


def _word(path: Path, text: str, position: int, line: int) -> tuple[str, int, bool]:
    """A shell word from ``position``: its value, where it ends, and whether no shell is needed."""
    value: list[str] = []
    plain = True
    while position < len(text) and text[position] not in UNQUOTED_END:
        char = text[position]
        if char == "'":
            close = text.find("'", position + 1)
            if close < 0:
                raise _unclosed(path, line)
            value.append(text[position + 1 : close])
            position = close + 1
        elif char == '"':
            part, position, active = _double_quoted(path, text, position + 1, line)
            value.append(part)
            plain = plain and not active
        elif char == "\\" and position + 1 < len(text):
            value.append("" if text[position + 1] == "\n" else text[position + 1])
            position += 2
        else:
            plain = plain and char not in UNQUOTED_SPECIAL
            value.append(char)
            position += 1
    return "".join(value), position, plain


def _double_quoted(path: Path, text: str, position: int, line: int) -> tuple[str, int, bool]:
    value: list[str] = []
    active = False
    while position < len(text):
        char = text[position]
        if char == '"':
            return "".join(value), position + 1, active
        if char == "\\" and position + 1 < len(text) and text[position + 1] in '$`"\\\n':
            value.append("" if text[position + 1] == "\n" else text[position + 1])
            position += 2
            continue
        active = active or char in SHELL_ACTIVE
        value.append(char)
        position += 1
    raise _unclosed(path, line)


def _unclosed(path: Path, line: int) -> MlccError:
    return MlccError(
        "A quote is opened and never closed.",
        where=f"{path}:{line}",
        hint=f"close the quote in line {line} of {path}",
    )
