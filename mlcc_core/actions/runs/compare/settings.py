"""Everything that decided a run, with its origin, and the settings in which runs differ."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mlcc_core.actions.tune.plan.held_out.told_apart import UNSURE, asked_rows, told_apart
from mlcc_core.actions.tune.plan.identity import DATASET, HASH_LENGTH
from mlcc_core.project.records import RunRecord

Origin = Literal["given", "project or default", "recipe", "dataset", "platform"]

OF_ROWS = {DATASET: "dataset", UNSURE: "dataset or held-out rows"}
"""Short words for an address of rows, which says nothing to people."""

OF_DATASET = (DATASET, "dataset form", "row rules")
OF_RECIPE = ("trainer", "rows")
TRAINER_SETTINGS = "trainer settings"
"""The key of what a recipe sets of its trainer, a mapping."""

IN_ASKED = ("set", "dataset", "form")
"""Keys of what was given that stand otherwise in what was asked."""

DECIDES_NOTHING = ("max_cost",)
"""Keys of what was given that no run differs by."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a run.

    Attributes:
        name: the flag, where there is one.
        value: as JSON has it.
        origin: the place that it came from: ``given`` on the command line or in a run file.
    """

    name: str
    value: object
    origin: Origin


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting in which runs differ.

    Attributes:
        name: the flag, where there is one.
        values: of each run, in their order; ``None`` where it is not set.
    """

    name: str
    values: tuple[object, ...]

    def in_words(self) -> str:
        """Return it on one line: ``--epochs 1 → 3``; a dataset's content has no words.

        Example:
            ``dataset``
        """
        if self.name in OF_ROWS:
            return OF_ROWS[self.name]
        return f"{self.name} {' → '.join(value_text(value) for value in self.values)}"


def settings_of(record: RunRecord) -> tuple[Setting, ...]:
    """Return everything that decided a run, in the user's words."""
    typed = _typed(record.command)
    values = _values(record, record.asked)
    return tuple(Setting(name, value, _origin(name, typed)) for name, value in values)


def differences(records: Sequence[RunRecord]) -> tuple[Difference, ...]:
    """Return the settings in which runs differ."""
    asked = told_apart([asked_rows(record) for record in records])
    found = [dict(_values(record, own)) for record, own in zip(records, asked, strict=True)]
    names = dict.fromkeys(name for values in found for name in values)
    rows = (Difference(name, tuple(values.get(name) for values in found)) for name in names)
    return tuple(row for row in rows if any(value != row.values[0] for value in row.values))


def changes_since(record: RunRecord, before: RunRecord) -> tuple[Difference, ...]:
    """Return the settings that a run has otherwise than the one before it.

    A setting that only one of them has, and that is not a flag, follows from a flag.
    """
    return tuple(
        row
        for row in differences((before, record))
        if row.name.startswith("--") or None not in row.values
    )


def value_text(value: object) -> str:
    """Return a value for people; a hash is cut short."""
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40,}", value):
        return value[:HASH_LENGTH]
    return "not set" if value is None else str(value)


def _values(record: RunRecord, asked: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield names and values: what was asked, then flags that say nothing of the rows' content."""
    for name, value in asked.items():
        if isinstance(value, Mapping) and name == TRAINER_SETTINGS:
            yield from ((f"{TRAINER_SETTINGS}: {key}", each) for key, each in value.items())
        elif value is not None:
            yield name, value
    for key, value in record.given.items():
        flag = f"--{key.replace('_', '-')}"
        if (
            flag not in record.asked
            and key not in (*IN_ASKED, *DECIDES_NOTHING)
            and value is not None
        ):
            yield flag, value


def _typed(command: str | None) -> frozenset[str]:
    """Return the flags of a command line; those of ``--set`` with their names."""
    try:
        words = shlex.split(command or "")
    except ValueError:
        return frozenset()
    named = (
        f"--set {after.partition('=')[0]}" for word, after in pairwise(words) if word == "--set"
    )
    return frozenset((*words, *named))


def _origin(name: str, typed: frozenset[str]) -> Origin:
    if name in typed:
        return "given"
    if name.startswith("--"):
        return "project or default"
    if name in OF_DATASET:
        return "dataset"
    return "recipe" if name in OF_RECIPE or name.startswith(TRAINER_SETTINGS) else "platform"
