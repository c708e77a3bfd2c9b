"""Columns that metrics read beside the technique's: looked for before any model is asked."""

from __future__ import annotations

from collections.abc import Sequence

from mlcc_core.actions.evaluate.measuring.scoring import shown
from mlcc_core.actions.evaluate.request import EvaluateRequest
from mlcc_core.actions.evaluate.rows.read import Rows
from mlcc_core.actions.evaluate.rows.samples import Row
from mlcc_core.actions.evaluate.targets import Pair as Models
from mlcc_core.actions.tune.plan.held_out.choice import names_dataset
from mlcc_core.contract.metric import Metric
from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from mlcc_core.helpers.text import plural, with_article
from mlcc_core.staging import parse_column_map
from mlcc_core.staging.convert.rows import check_type
from mlcc_core.staging.model.column_map import Pair, extended, format_column_map, left_out_of
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.rules.columns.names import likely_source
from mlcc_core.staging.rules.plan import ColumnPlan


def columns_read(metrics: Sequence[Metric]) -> tuple[str, ...]:
    """Return the names of the columns that metrics declare, each once."""
    return tuple(dict.fromkeys(column.name for metric in metrics for column in metric.columns))


def has_columns(metric: Metric, rows: Sequence[Row]) -> bool:
    """Return whether a row, whichever, has a value in each column that a metric declares."""
    return _missing(metric, rows) is None


def columns_fault(metric: Metric, rows: Rows) -> str | None:
    """Return why a metric cannot read rows that have its columns; ``None`` where it can."""
    faults = (_fault(metric, column, rows) for column in metric.columns)
    return next((fault for fault in faults if fault is not None), None)


def require_columns(models: Models, request: EvaluateRequest, metric: Metric, rows: Rows) -> None:
    """Refuse a metric that was asked for and cannot read its columns.

    Raises:
        MlccError: no row has one of them, or rows lack it or hold something else.
    """
    others = tuple(name for name in request.metrics if name != metric.name)
    without = f"{request.command_line(metrics=others)}   # without it"
    where = f"--metric {metric.name}"
    column = _missing(metric, rows.rows)
    if column is not None:
        mended = _mended(models, request, column, rows)
        words = f"--column-map COLUMN:{column.name} takes another column as it."
        raise MlccError(
            f"{rows.label}: none of {plural(len(rows.rows), 'row')} has column {column.name!r}, "
            f"which {metric.title} reads; they have: {', '.join(_there(request, rows))}.",
            where=where,
            hint=mended or without,
            detail=(words,) if mended is None and _free(request, rows) else (),
        )
    fault = columns_fault(metric, rows)
    if fault is not None:
        raise MlccError(f"{rows.label}: {fault}.", where=where, hint=without)


def _missing(metric: Metric, rows: Sequence[Row]) -> Column | None:
    """Return the first column of a metric in which no row has a value."""
    missing = (c for c in metric.columns if all(_value(row, c) is None for row in rows))
    return next(missing, None)


def _value(row: Row, column: Column) -> object:
    return row.columns.get(column.name, row.beside.get(column.name))


def _fault(metric: Metric, column: Column, rows: Rows) -> str | None:
    """Return why rows cannot be read in a column that some of them have."""
    values = [(row, _value(row, column)) for row in rows.rows]
    lacking = [row for row, value in values if value is None]
    if column.required and lacking:
        lack = "lacks" if len(lacking) == 1 else "lack"
        return (
            f"{len(lacking):,} of {plural(len(values), 'row')} {lack} column {column.name!r}, "
            f"which {metric.title} needs; the first is {_named(lacking[0])}"
        )
    plan = ColumnPlan(column, required=False)
    for row, value in values:
        try:
            if value is not None:
                check_type(value, plan)
        except RowIssue as issue:
            return (
                f"column {column.name!r} of the row {_named(row)} is {with_article(issue.found)}, "
                f"expected {with_article(issue.expected)}, as {metric.title} reads it"
            )
    return None


def _named(row: Row) -> str:
    """Return the name of a row for people: rows have lost their lines, and a prompt is found."""
    return shown(row.prompt[-1].get("content"))


def _mended(models: Models, request: EvaluateRequest, column: Column, rows: Rows) -> str | None:
    """Return the command with rows that have a column; ``None`` where none is likely."""
    if request.dataset is None:
        return f"{_other_rows(models, request)}   # rows that have it"
    pairs = _pairs(request)
    if (column.name, None) in pairs:
        kept = [pair for pair in pairs if pair != (column.name, None)]
        return request.command_line(column_map=format_column_map(kept) or None)
    source = likely_source(column, _free(request, rows))
    if source is None:
        return None
    column_map = format_column_map(extended(pairs, [(source, column.name)]))
    return request.command_line(column_map=column_map)


def _other_rows(models: Models, request: EvaluateRequest) -> str:
    """Return the command with the dataset that was held out, where it was one of its own."""
    given = models.run.given if models.run is not None else {}
    held, column_map = given.get("validation"), given.get("column_map")
    if not isinstance(held, str) or not names_dataset(held):
        return request.command_line(dataset="DATASET")
    renamed = column_map if isinstance(column_map, str) else None
    return request.command_line(dataset=held, column_map=renamed)


def _pairs(request: EvaluateRequest) -> tuple[Pair, ...]:
    return parse_column_map(request.column_map) if request.column_map else ()


def _there(request: EvaluateRequest, rows: Rows) -> list[str]:
    """Return the columns of the rows, and those of the dataset that nothing reads."""
    found = (name for row in rows.rows for name in (*row.columns, *row.beside))
    return list(dict.fromkeys((*found, *_free(request, rows))))


def _free(request: EvaluateRequest, rows: Rows) -> list[str]:
    """Return the columns of the dataset that nothing reads, and that were not left out."""
    left_out = left_out_of(_pairs(request))
    return [name for name in rows.unused if name not in left_out]
