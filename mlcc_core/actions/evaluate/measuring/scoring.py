"""Values of metrics, checked: a number for each sample, or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from mlcc_core.actions.session import Session
from mlcc_core.contract.metric import Metric, RowPart, Sample
from mlcc_core.errors import PluginError
from mlcc_core.helpers.text import plural

Values = list[float | None]

LONGEST_VALUE = 40
"""Characters of a wrong value, or of an answer that decides nothing, in an error."""


class Measure(Protocol):
    """A metric, as far as it is needed once there are values."""

    @property
    def name(self) -> str:
        """Return its name, for programs."""

    @property
    def title(self) -> str:
        """Return its name, for people."""

    @property
    def unit(self) -> str:
        """Return the unit of its values."""

    @property
    def higher_is_better(self) -> bool | None:
        """Return the direction of an improvement."""

    def note(self, mean: float, against: float) -> str:
        """Return what else people should know of the two means."""


@dataclass(frozen=True)
class GivenMeasure:
    """A metric that a platform measures by itself.

    Attributes:
        name, title, higher_is_better, unit: as the platform gives them.
    """

    name: str
    title: str
    higher_is_better: bool | None
    unit: str = ""

    def note(self, mean: float, against: float) -> str:
        """Return what else people should know: nothing."""
        return ""


@dataclass(frozen=True)
class Scores:
    """The values of one metric for both models, row by row.

    Attributes:
        metric: that gave them.
        values, against: of the model that is measured and of the other one.
        note: what people should know of how they came about.
        undecided: lines about a row without a value, for an error where none has one.
    """

    metric: Measure
    values: Values
    against: Values = field(default_factory=list)
    note: str = ""
    undecided: tuple[str, ...] = ()


def score(
    session: Session, metric: Metric, samples: Sequence[Sample], against: Sequence[Sample]
) -> Scores:
    """Return the values of both models.

    Raises:
        PluginError: the metric fails, or answers with something else than a value for each.
    """
    ours = _values(session, metric, _bare(metric, samples))
    return Scores(metric, ours, _values(session, metric, _bare(metric, against)))


def reads(metric: Metric, part: RowPart) -> bool:
    """Return whether a metric needs the log-probabilities of this part of a row."""
    return "log_probabilities" in metric.needs and (part in metric.suits or not metric.suits)


def _bare(metric: Metric, samples: Sequence[Sample]) -> list[Sample]:
    """Return samples without the inputs that a metric does not declare."""
    needs, nothing = metric.needs, None
    logs, worse = reads(metric, "expected"), reads(metric, "rejected")
    return [
        replace(
            sample,
            reply=sample.reply if "reply" in needs else nothing,
            reply_tokens=sample.reply_tokens if "reply" in needs else nothing,
            ended=sample.ended if "reply" in needs else nothing,
            log_probabilities=sample.log_probabilities if logs else nothing,
            rejected_log_probabilities=sample.rejected_log_probabilities if worse else nothing,
            reward=sample.reward if "reward" in needs else nothing,
        )
        for sample in samples
    ]


def _values(session: Session, metric: Metric, samples: Sequence[Sample]) -> Values:
    found = metric.score(samples)
    if len(found) != len(samples):
        raise fault(
            session,
            metric,
            f"score returned {plural(len(found), 'value')} for {plural(len(samples), 'row')}",
        )
    return [_number(session, metric, value, row) for row, value in enumerate(found, start=1)]


def _number(session: Session, metric: Metric, value: object, row: int) -> float | None:
    if value is None:
        return None
    number = finite(value)
    if number is None:
        raise fault(
            session,
            metric,
            f"score returned {shown(value)} for row {row}, expected a finite number or None",
        )
    return number


def finite(value: object) -> float | None:
    """Return an answer of a plugin as a finite number; ``None`` where it is not one."""
    if isinstance(value, str):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever is a number, as NumPy has
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def shown(value: object) -> str:
    """Return a value as an error shows it: as Python writes it, its end left out where long."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def fault(session: Session, metric: Metric, why: str) -> PluginError:
    """Return the error for a metric that breaks the contract, with its distribution."""
    names = session.plugins.versions(("metric", metric.name))
    who = next((f"{name} ({origin})" for name, origin in names.items()), f"metric {metric.name}")
    return PluginError(f"{who[:1].upper()}{who[1:]}: {why}.", hint="mlcc plugins")
