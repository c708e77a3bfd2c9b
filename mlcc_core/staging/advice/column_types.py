"""Column types of a columnar file in which no row can be valid: refused before any row is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.types as pt

from mlcc_core.errors import MlccError
from mlcc_core.staging.convert.expressions import could_fit, word_of
from mlcc_core.staging.model.column_map import sources_of, without
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.read.arrow_values import NoJsonForm, is_text, ready_type
from mlcc_core.staging.results.row_errors import expected_format
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.plan import ColumnPlan, make_plan
from mlcc_core.staging.rules.renaming import Renaming


def problems(job: DatasetJob, file: FilePreview, rewrite: ColumnRewrite | None) -> list[MlccError]:
    """List errors of columns whose type is wrong, or written but impossible in JSON."""
    return list(_problems(job, file, rewrite))


def _problems(
    job: DatasetJob, file: FilePreview, rewrite: ColumnRewrite | None
) -> Iterator[MlccError]:
    uses = rewrite.reads if rewrite else ()
    plan = make_plan(job, rewrite, ())
    plans = {column.name: column for column in plan.columns}
    renaming = Renaming.of(job.conversion.column_map)
    for field in file.schema:
        target = renaming.target(field.name)
        column = None if target is None else plans.get(target)
        needed = column is not None or job.schema.keep_other_columns
        if target is None or not (needed or plan.watches(target)):
            continue
        try:
            kind = ready_type(field.type)
        except NoJsonForm as error:
            if needed:
                yield _no_form(file, target, field.type, error)
            continue
        if renaming.is_part(field.name) and not (is_text(kind) or pt.is_null(kind)):
            yield _no_text(job, file, field.name, field.type)
        elif column is None or target in uses or renaming.is_part(field.name):
            continue
        elif not could_fit(column, field.type, flattens=target in job.flatten.columns):
            yield _wrong_type(job, file, column, field.type)


def _no_text(job: DatasetJob, file: FilePreview, name: str, kind: Any) -> MlccError:
    pairs = (
        without(pair, name) if name in sources_of(pair) else pair
        for pair in job.conversion.column_map
    )
    return MlccError(
        f"{file.file.name}, column {name!r}: found {kind}, expected text, which alone can be "
        "joined.",
        where="--column-map",
        hint=job.command_with(column_map=(*pairs, (name, None))),
    )


def _no_form(file: FilePreview, column: str, kind: Any, error: NoJsonForm) -> MlccError:
    return MlccError(
        f"{file.file.name}, column {column!r} is of type {kind}, which has no form in JSON "
        f"({error}).",
        hint="remove the column from the file, or write it as text",
    )


def _wrong_type(job: DatasetJob, file: FilePreview, plan: ColumnPlan, kind: Any) -> MlccError:
    word = word_of(kind)
    found = word if word == str(kind) else f"{word} ({kind})"
    return MlccError(
        f"{file.file.name}, column {plan.name!r}: found {found}, expected "
        f"{plan.column.type_text()}.",
        hint=job.check_hint(),
        detail=expected_format(job.schema, evaluator_given=job.evaluator_given),
    )
