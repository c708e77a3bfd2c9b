"""What takes time: an endpoint or component that is being created, updated or deleted."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any


@dataclass
class _Change:
    doing: str
    done: str
    left: int
    problem: str
    undo: Callable[[], None] | None = None


class Changes:
    """Counts the looks (Describe calls) that a change takes.

    Attributes:
        looks: how many Describe calls see a change in progress; 0: it is done at once.
        failures: reason by name; creating or updating what has this name ends in ``Failed``.
        held: names whose changes never end (until they are taken out).
        rolls_back: updates of components that fail end ``InService``, as it was before.
    """

    def __init__(self) -> None:
        self.components_of: Callable[[str], list[str]] = lambda endpoint: []
        self.clear()

    def clear(self) -> None:
        self.looks = 1
        self.failures: dict[str, str] = {}
        self.held: set[str] = set()
        self.rolls_back = False
        self._changes: dict[tuple[str, str], _Change] = {}

    def begin(
        self,
        kind: str,
        name: str,
        doing: str,
        done: str,
        problem: str = "",
        undo: Callable[[], None] | None = None,
    ) -> None:
        """Something is now ``doing`` and will be ``done``, or fail because of ``problem``."""
        self._changes[kind, name] = _Change(doing, done, self.looks, problem, undo)

    def look(self, kind: str, name: str, record: MutableMapping[str, Any], status: str) -> None:
        """Somebody describes the record: set its status, and count the look."""
        self.settle(kind, name, record, status)
        change = self._changes.get((kind, name))
        if change and name not in self.held:
            change.left -= 1

    def settle(self, kind: str, name: str, record: MutableMapping[str, Any], status: str) -> None:
        """Set the record's status to what it is now."""
        change = self._changes.get((kind, name))
        if change is None:
            return
        if change.left > 0 or name in self.held:
            record[status] = change.doing
            return
        del self._changes[kind, name]
        problem = self.failures.get(name) or change.problem
        if problem and change.undo and self.rolls_back:
            change.undo()
            record.update({status: change.done, "FailureReason": problem})
        elif problem and change.doing != "Deleting":
            record.update({status: "Failed", "FailureReason": problem})
        else:
            record[status] = change.done
