"""The number that judges a run by its held-out rows: before training, and of the weights kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlcc_core.contract.job import SHOWN_METRICS, metric_title

HELD_OUT = tuple(name for name in SHOWN_METRICS if name.startswith("held_out_"))


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A number of held-out rows, before training and after it.

    Attributes:
        metric: its name.
        title: the metric's words for people: ``held-out loss``.
        before: training; ``None`` where that was not measured.
        after: training, of the weights that were kept.
        error: the standard error of ``after``; ``None`` where it is not known.
    """

    metric: str
    title: str
    before: float | None
    after: float
    error: float | None = None

    def in_words(self) -> str:
        """Return it on one line: ``held-out loss 3.21 → 0.84 ± 0.02``."""
        before = "" if self.before is None else f"{self.before:.3g} → "
        error = "" if self.error is None else f" ± {self.error:.2g}"
        return f"{self.title} {before}{self.after:.3g}{error}"


def held_out_of(metrics: Mapping[str, float]) -> HeldOut | None:
    """Return the number of held-out rows by which a run was judged, from the run's last numbers.

    That is the one whose error was measured, else the first that is there.
    """
    there = [name for name in HELD_OUT if name in metrics or f"{name}_best" in metrics]
    if not there:
        return None
    name = next((name for name in there if f"{name}_error" in metrics), there[0])
    after = metrics.get(f"{name}_best", metrics.get(name, 0.0))
    before, error = metrics.get(f"{name}_before"), metrics.get(f"{name}_error")
    return HeldOut(name, metric_title(name), before, after, error)
