"""Marked lines of a log, which the container prints for programs: progress, state, result.

The marks are those of :mod:`mlcc_engine.container.layout`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mlcc_engine.container import layout

PROGRESS, STATE, WARNING, RESULT = layout.PROGRESS, layout.STATE, layout.WARNING, layout.RESULT
MARKS = (PROGRESS, STATE, WARNING, RESULT)

BREAK = re.compile(r"[\r\n]+")
"""Ends a line; the bars that libraries draw end theirs with a carriage return."""


class Marked(NamedTuple):
    """A line for programs.

    Attributes:
        mark: with which it begins.
        document: behind the mark.
    """

    mark: str
    document: Mapping[str, Any]


def split_lines(message: str) -> list[str]:
    """Return the lines of one event of a log, without blank ones that are only breaks.

    Example:
        >>> split_lines("10%\\r20%\\nmlcc-state {}")
        ['10%', '20%', 'mlcc-state {}']
    """
    return [line for line in BREAK.split(message) if line] or [""]


def marked_in(lines: Iterable[str]) -> Iterator[Marked]:
    """Yield what lines for programs say; damaged ones are passed over.

    Example:
        >>> list(marked_in(["hello", 'mlcc-state {"state": "loading"}', "mlcc-state {"]))
        [Marked(mark='mlcc-state ', document={'state': 'loading'})]
    """
    for line in lines:
        mark = mark_of(line)
        if mark is None:
            continue
        try:
            document = json.loads(line[len(mark) :])
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            yield Marked(mark, document)


def mark_of(line: str) -> str | None:
    """Return the mark that a line begins with; ``None`` for a line for people."""
    return next((mark for mark in MARKS if line.startswith(mark)), None)
