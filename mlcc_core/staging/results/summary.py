"""The valid rows of a dataset in numbers, a column at a time."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import msgspec

from mlcc_core.staging.model.report import ColumnSummary
from mlcc_core.staging.results.percentiles import as_arrow, percentiles
from mlcc_core.staging.rules.messages import BLANKS, is_blank


class Summary:
    """Lengths, empty fields and duplicates, in eight bytes a row and four a value."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(dict[str, object])
        self._hashes = array("q")
        self._lengths: dict[str, array[int]] = {}
        self._empty: Counter[str] = Counter()

    def add(self, data: bytes) -> None:
        """Count converted JSON lines."""
        self._hashes.extend(map(hash, data.splitlines()))
        rows = self._decoder.decode_lines(data)
        for name in dict.fromkeys(name for row in rows for name in row):
            self._take_column(name, [row[name] for row in rows if name in row])

    def _take_column(self, name: str, values: list[object]) -> None:
        texts = [value for value in values if isinstance(value, str)]
        self._empty[name] += sum(text[:1] in BLANKS and is_blank(text) for text in texts)
        if len(texts) == len(values):
            lengths = list(map(len, texts))
        else:
            lengths = [length for length in map(text_length, values) if length is not None]
        if lengths:
            self._lengths.setdefault(name, array("I")).extend(lengths)

    def duplicates(self) -> int:
        """Count rows that are equal to an earlier one (by a 64-bit hash)."""
        import pyarrow.compute as pc

        return len(self._hashes) - pc.count_distinct(as_arrow(self._hashes)).as_py()

    def columns(self, names: Sequence[str]) -> tuple[ColumnSummary, ...]:
        return tuple(
            ColumnSummary(name, self._empty[name], percentiles(self._lengths.get(name)))
            for name in names
        )


def text_length(value: object) -> int | None:
    """Count the characters of a string or of all contents of messages; else return ``None``."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list):
        return None
    contents = [item.get("content") for item in value if isinstance(item, dict)]
    texts: list[object] = []
    for content in contents:
        parts = content if isinstance(content, list) else [content]
        texts += [part.get("text") if isinstance(part, dict) else part for part in parts]
    lengths = [len(text) for text in texts if isinstance(text, str)]
    return sum(lengths) if lengths else None
