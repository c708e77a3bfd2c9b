"""A note on how a file is read, where it is not plainly what its name says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadNote:
    """Something that was recognised in a file.

    Attributes:
        text: in words, without the file (``the fields are separated by ';'``).
        count: rows or lines that it concerns, once all are read; 0 where it concerns the file.
        unit: of the count.
    """

    text: str
    count: int = 0
    unit: str = "row"


def split_lines(count: int = 0) -> ReadNote:
    """Return the note on lines that hold several rows."""
    return ReadNote("each object of a line with several is read as a row", count, "line")


def in_words(notes: Mapping[str, Sequence[ReadNote]], *, counted: bool) -> Iterator[str]:
    """Yield one text for each thing that was recognised, with the files that it concerns.

    Args:
        notes: by file.
        counted: all rows were read, so that the counts are complete.

    Example:
        >>> found = {"a.csv": [ReadNote("rows without text are not read", 2)]}
        >>> list(in_words(found, counted=True))
        ['a.csv: rows without text are not read (2 rows)']
    """
    files: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for file, found in notes.items():
        for note in found:
            key = note.text, note.unit
            files.setdefault(key, []).append(file)
            counts[key] = counts.get(key, 0) + note.count
    for (text, unit), names in files.items():
        others = len(names) - 1
        more = f" and {others} more file{'s' * (others > 1)}" if others else ""
        count = counts[text, unit] if counted else 0
        of = f" ({count:,} {unit}{'s' * (count > 1)})" if count else ""
        yield f"{names[0]}{more}: {text}{of}"
