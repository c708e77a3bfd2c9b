"""JSON objects that do not stand alone on one line: over several lines, or several on one."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from operator import methodcaller

from mlcc_core.staging.model.rows import Lines

_closed = methodcaller("endswith", (b"}\n", b"}\r\n", b"}"))
_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|["\[\]{}]')
_BLANKS = b" \t\r\n"
_DECODE = json.JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")


def rows_on_line(line: bytes) -> list[bytes] | None:
    """Return the rows on a line that holds several objects, or arrays of objects.

    Args:
        line: text that is not one object.

    Returns:
        The text of each object; ``None`` unless the whole line is objects and arrays of them.

    Example:
        >>> rows_on_line(b'{"a": 1} {"a": 2}')
        [b'{"a": 1}', b'{"a": 2}']
    """
    try:
        text = line.decode()
        rows = list(_objects(text))
    except (ValueError, RecursionError):
        return None
    alone = len(rows) == 1 and text.lstrip().startswith("{")
    return None if alone or not rows else [row.encode() for row in rows]


def _objects(text: str) -> Iterator[str]:
    """Yield the objects of a text.

    Raises:
        ValueError: there is something else in it.
    """
    at, within = _after_space(text, 0), False
    while at < len(text):
        if not within and text[at] == "[":
            at, within = _after_space(text, at + 1), True
        if text[at : at + 1] != "{":
            raise ValueError
        end = _DECODE(text, at)[1]
        yield text[at:end]
        at = _after_space(text, end)
        if within and text[at : at + 1] == "]":
            at, within = _after_space(text, at + 1), False
        elif within:
            if text[at : at + 1] != ",":
                raise ValueError
            at = _after_space(text, at + 1)
    if within:
        raise ValueError


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class JoinedLines:
    """Lines of JSON in which an object may run over several lines.

    Such an object becomes one row where the lines together are certainly one object; where they
    are not, each line stays what it is, and reading goes on with the next.

    Args:
        source: the lines.
        longest: bytes of one object at most.

    Attributes:
        count: objects of several lines so far.
    """

    def __init__(self, source: Iterator[Lines], longest: int) -> None:
        self._source = source
        self._longest = longest
        self._held: list[tuple[int, bytes]] = []
        self._size = 0
        self._depth = 0
        self._look_at = 0
        self.count = 0

    def batches(self) -> Iterator[Lines]:
        """Yield the rows in batches."""
        for batch in self._source:
            if not self._held and all(map(_closed, batch.texts)):
                yield batch
                continue
            rows = list(self._take(zip(batch.numbers, batch.texts, strict=True)))
            if rows:
                yield _lines(rows)
        while self._held:
            first, *others = self._release()
            yield _lines([first, *self._take(iter(others))])

    def _take(self, lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Yield the rows that are complete."""
        again: deque[tuple[int, bytes]] = deque()
        while (line := again.popleft() if again else next(lines, None)) is not None:
            if not self._held and not _opens(line[1]):
                yield line
            elif self._goes_on(line):
                if self._depth == 0:
                    yield self._joined()
            else:
                first, *others = self._release()
                again.extendleft(reversed(others))
                yield first

    def _goes_on(self, line: tuple[int, bytes]) -> bool:
        """Hold a line; return whether the lines held are the beginning of an object, or one."""
        self._held.append(line)
        self._size += len(line[1])
        for token in _TOKEN.finditer(line[1]):
            if token[0] == b'"' or self._depth < 0:
                return False
            self._depth += (token[0] in b"{[") - (token[0] in b"}]") if len(token[0]) == 1 else 0
        if self._depth and len(self._held) < self._look_at:
            return self._size <= self._longest
        self._look_at = 2 * len(self._held)
        return self._size <= self._longest and _may_be_object(self._text(), self._depth == 0)

    def _text(self) -> bytes:
        return b" ".join(text.strip(_BLANKS) for _, text in self._held)

    def _joined(self) -> tuple[int, bytes]:
        text = self._text()
        self.count += 1
        return self._release()[0][0], text

    def _release(self) -> list[tuple[int, bytes]]:
        held, self._held = self._held, []
        self._size = self._depth = self._look_at = 0
        return held


def _lines(rows: list[tuple[int, bytes]]) -> Lines:
    return Lines([number for number, _ in rows], [text for _, text in rows])


def _opens(line: bytes) -> bool:
    """Return whether an object begins on a line and cannot end there."""
    bare = line.strip(_BLANKS)
    return bare.startswith(b"{") and not bare.endswith(b"}")


def _may_be_object(text: bytes, whole: bool) -> bool:
    """Return whether a text is a whole object, or the beginning of one."""
    decoded = text.decode(errors="replace")
    try:
        json.loads(decoded)
    except json.JSONDecodeError as error:
        return not whole and decoded[error.pos :].strip(" ,") == ""
    except (ValueError, RecursionError):
        return False
    return whole
