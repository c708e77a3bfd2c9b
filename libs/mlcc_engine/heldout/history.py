"""The measures of held-out rows so far: which was best, and in words what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mlcc_engine.heldout.measure import Measure


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluation.

    Attributes:
        step: optimizer steps before it.
        value: the measure.
        error: its standard error, from row to row; ``None`` where it is unknown.
        beside: further numbers by our words.
    """

    step: int
    value: float
    error: float | None = None
    beside: Mapping[str, float] = field(default_factory=dict)

    def reads_as(self, other: Point) -> bool:
        """Return whether the measure is the same as another one in the digits that are shown."""
        return f"{self.value:.4g}" == f"{other.value:.4g}"

    def __str__(self) -> str:
        return f"{self.value:.4g}" + ("" if self.error is None else f" ± {self.error:.2g}")


@dataclass(slots=True)
class History:
    """All evaluations of a job, which a checkpoint can hold.

    Attributes:
        measure: that judges.
        rows: that are held out.
        points: in their order; the first at step 0 is the model before training.
    """

    measure: Measure
    rows: int
    points: list[Point] = field(default_factory=list)

    @property
    def before(self) -> Point | None:
        """Return the evaluation before the first step."""
        return next((point for point in self.points if point.step == 0), None)

    @property
    def after(self) -> Point | None:
        """Return the last evaluation after a step."""
        return next((point for point in reversed(self.points) if point.step), None)

    @property
    def best(self) -> Point | None:
        """Return the best evaluation after a step; of equal ones the last, which learned most."""
        best: Point | None = None
        for point in self.points:
            if point.step and (best is None or not self._is_better(best, point)):
                best = point
        return best

    @property
    def waited(self) -> int:
        """Return how many of the last evaluations were no better than one before them."""
        count, best = 0, None
        for point in self.points:
            better = best is None or self._is_better(point, best)
            count, best = (0, point) if better else (count + 1, best)
        return count

    @property
    def improved(self) -> bool:
        """Return whether some evaluation was better, as people read it, than the one at first."""
        if self.before is None or self.best is None:
            return True
        return self._is_better(self.best, self.before) and not self.best.reads_as(self.before)

    def add(self, point: Point) -> None:
        """Take note of an evaluation; one of the same step or a later one is replaced by it."""
        self.points = [old for old in self.points if old.step < point.step] + [point]

    def memory(self) -> dict[str, Any]:
        """Return all evaluations so far, as JSON has them."""
        return {"points": [asdict(point) for point in self.points]}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Take back what :meth:`memory` returned."""
        self.points = [Point(**point) for point in memory["points"]]

    def numbers(self) -> dict[str, float]:
        """Return all that was measured before training, at its best and after it, for programs."""
        best = self.best
        if best is None:
            return {}
        moments = {"before": self.before, "best": best, "after": self.after}
        found = {
            f"{name}_{when}": value
            for when, at in moments.items()
            if at is not None
            for name, value in {self.measure.name: at.value, **at.beside}.items()
        }
        if best.error is not None:
            found[f"{self.measure.name}_error"] = best.error
        return {**found, "held_out_rows": self.rows, "held_out_step": best.step}

    def summary(self) -> str | None:
        """Say how the measure changed; ``None`` where it was never taken after a step.

        Example:
            ``1.234 ± 0.05 → 0.987 ± 0.04 (50 rows)``
        """
        best, before = self.best, self.before
        if best is None:
            return None
        change = f"{before} → {best}" if before else str(best)
        parts = [f"{change} ({self.rows:,} row{'' if self.rows == 1 else 's'})"]
        for name, value in best.beside.items():
            word = name.removeprefix("held_out_")
            start = f"{before.beside[name]:.3g} → " if before and name in before.beside else ""
            parts.append(f"{word} {start}{value:.3g}")
        if self.after is not None and self.after is not best:
            parts.append(f"kept from step {best.step}, as it was {self.after} at the end")
        return ", ".join(parts)

    def verdict(self) -> str | None:
        """Say that nothing was learned for other rows; ``None`` where something was."""
        if self.improved or self.before is None or self.after is None:
            return None
        title, first, last = self.measure.title.capitalize(), self.before, self.after
        rows = f"({self.rows:,} row{'' if self.rows == 1 else 's'})"
        if last.reads_as(first):
            return f"{title} stayed at {first} {rows}: nothing was learned for other rows."
        if self.measure.higher:
            return f"{title} fell from {first} to {last} {rows}: other prompts gained nothing."
        return (
            f"{title} rose from {first} to {last} {rows}: the model memorises its rows. Use more "
            "of them, fewer --epochs or a smaller --learning-rate."
        )

    def _is_better(self, one: Point, other: Point) -> bool:
        return self.measure.is_better(one.value, other.value)
