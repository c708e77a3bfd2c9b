"""The checks of a metric: what it needs, and its values of an example."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from mlcc_core.actions.plugins.line import PluginCheck
from mlcc_core.contract.metric import Metric, PairMetric, Sample
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural

PROMPT = ({"role": "user", "content": "What is the capital of France?"},)
GOOD = Sample(PROMPT, "Paris.", "Lyon.", "Paris.", 3, True, (-0.1, -0.2), (-3.0, -4.5), 1.0)
BAD = Sample(PROMPT, "Paris.", "Lyon.", "Lyon", 2, True, (-2.5, -3.0), (-0.2,), 0.0)

EXAMPLES: Mapping[str, object] = MappingProxyType(
    {"string": "Paris", "number": 1, "boolean": True, "array": ["Paris"], "object": {}}
)
"""A value of each type that a column of a metric may have; the good reply has its words."""


def example_row(metric: Metric) -> dict[str, object]:
    """Return values of the columns that a metric declares, each of its first type."""
    return {column.name: EXAMPLES[column.types[0]] for column in metric.columns}


def metric_checks(metric: Metric) -> Iterator[PluginCheck]:
    """Look at a metric, and let it measure a good and a bad reply."""
    yield PluginCheck("needs", "ok", ", ".join(metric.needs) or "nothing but the row")
    directions = {True: "higher is better", False: "lower is better", None: "none"}
    yield PluginCheck("direction", "ok", directions[metric.higher_is_better])
    if metric.columns:
        found = ", ".join(f"{column.name} ({column.type_text()})" for column in metric.columns)
        yield PluginCheck("columns", "ok", found)
    try:
        compares = "judge" in metric.needs and hasattr(metric, "questions")
        yield _questions(cast("PairMetric", metric)) if compares else _values(metric)
    except MlccError as error:
        yield PluginCheck("example row", "failed", error.what, error.hint)


def _examples(metric: Metric) -> tuple[Sample, Sample]:
    """Return a sample with a good reply, and one with a bad one."""
    row = example_row(metric)
    return replace(GOOD, row=row), replace(BAD, row=row)


def _values(metric: Metric) -> PluginCheck:
    name, values = "example row", list(metric.score(_examples(metric)))
    if len(values) != 2:
        found = f"{plural(len(values), 'value')} for 2 samples"
        return PluginCheck(name, "failed", f"{found}, expected one for each")
    numbers = [value for value in values if value is not None]
    if strange := [value for value in numbers if not math.isfinite(value)]:
        found = f"the value {strange[0]!r}, expected a finite number or None"
        return PluginCheck(name, "failed", found)
    if not numbers:
        return PluginCheck(name, "warning", "no value: the metric may need other rows")
    good, bad = (f"{value:g}" if value is not None else "none" for value in values)
    return PluginCheck(name, "ok", f"{good} for a good reply, {bad} for a bad one")


def _questions(metric: PairMetric) -> PluginCheck:
    questions = list(metric.questions(*_examples(metric)))
    outcome = metric.compare([""] * len(questions))
    if outcome is not None:
        found = f"{outcome} of empty answers, expected None"
        return PluginCheck("example row", "failed", found)
    return PluginCheck("example row", "ok", f"{plural(len(questions), 'question')} to the judge")
