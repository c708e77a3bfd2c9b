"""The column map at work: columns renamed, joined and left out, before everything else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from mlcc_core.helpers.text import with_article
from mlcc_core.staging.model.column_map import (
    Join,
    Pair,
    joins_of,
    left_out_of,
    renames_of,
)
from mlcc_core.staging.model.row_issues import RowIssue, kind_of
from mlcc_core.staging.rules.messages import BLANK_STARTS, is_blank

V = TypeVar("V")

BETWEEN = "\n\n"
"""The text between the parts of a join: a blank line."""


def join_texts(parts: Collection[str | None]) -> str | None:
    """Join the parts that have text; an empty, blank or null part is left out.

    Returns:
        The text, empty where no part has any; ``None`` where all are null.

    Example:
        >>> join_texts(["Translate.", "", None, "Hello"])
        'Translate.\\n\\nHello'
    """
    # Few texts begin with a blank: the others are not looked at as a whole.
    texts = [part for part in parts if part and (part[0] not in BLANK_STARTS or not is_blank(part))]
    return BETWEEN.join(texts) if texts or any(part is not None for part in parts) else None


class Renaming:
    """The column map, as it changes the columns of rows.

    Args:
        renames: source to target.
        joins: columns that become one.
        left_out: columns that are left out on purpose.
    """

    def __init__(
        self, renames: Mapping[str, str], joins: Sequence[Join] = (), left_out: Iterable[str] = ()
    ) -> None:
        self._joins = joins
        self._left_out = frozenset(left_out)
        self._parts = {name: join.target for join in joins for name in join.sources}
        self._targets = {**renames, **self._parts}

    @classmethod
    def of(cls, column_map: Sequence[Pair]) -> Renaming:
        """Return the renaming that a column map asks for."""
        return cls(renames_of(column_map), joins_of(column_map), left_out_of(column_map))

    def __bool__(self) -> bool:
        return bool(self._targets or self._left_out)

    def target(self, name: str) -> str | None:
        """Return what a column becomes, or becomes a part of; ``None``: it is left out."""
        return None if name in self._left_out else self._targets.get(name, name)

    def is_part(self, name: str) -> bool:
        """Return whether a column is a part of a join."""
        return name in self._parts

    def names(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the columns afterwards; a join stands where its first part stood."""
        found: list[str] = []
        joined: set[str] = set()
        for name in names:
            target = self.target(name)
            if target is None or (name in self._parts and target in joined):
                continue
            if name in self._parts:
                joined.add(target)
            found.append(target)
        return tuple(found)

    def joined(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the text of each join that has a part in the row.

        Raises:
            RowIssue: a part is not text.
        """
        found: dict[str, str | None] = {}
        for join in self._joins:
            parts = {name: row[name] for name in join.sources if name in row}
            for name, part in parts.items():
                if not isinstance(part, (str, type(None))):
                    raise RowIssue(
                        f"{with_article(kind_of(part))} in {name!r}",
                        "text, which alone can be joined",
                        column=join.target,
                    )
            if parts:
                found[join.target] = join_texts(parts.values())
        return found

    def apply(self, row: Mapping[str, V], joined: Mapping[str, V]) -> dict[str, V]:
        """Return the row with its new columns.

        Args:
            row: value by column.
            joined: value of each join that has a part in the row.

        Raises:
            RowIssue: it has a column of the same name already.
        """
        renamed: dict[str, V] = {}
        done: set[str] = set()
        for name, value in row.items():
            target = self.target(name)
            if target is None or (name in self._parts and target in done):
                continue
            if target in renamed:
                raise RowIssue(
                    f"{target!r} beside the column that is renamed to it", "one of the two"
                )
            if name in self._parts:
                done.add(target)
            renamed[target] = joined[target] if name in self._parts else value
        return renamed
