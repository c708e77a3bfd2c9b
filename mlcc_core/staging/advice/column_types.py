"""Column types of a columnar file in which no row can be valid: refused before any row is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.convert.expressions import could_fit, word_of
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.read.arrow_values import NoJsonForm, ready_type
from mlcc_core.staging.results.row_errors import expected_format
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite
from mlcc_core.staging.rules.plan import ColumnPlan, make_plan


def problems(job: DatasetJob, file: FilePreview, rewrite: ColumnRewrite | None) -> list[MlccError]:
    """List errors of columns whose type is wrong, or written but impossible in JSON."""
    return list(_problems(job, file, rewrite))


def _problems(
    job: DatasetJob, file: FilePreview, rewrite: ColumnRewrite | None
) -> Iterator[MlccError]:
    uses = rewrite.reads if rewrite else ()
    plans = {plan.name: plan for plan in make_plan(job, rewrite, ()).columns}
    for target, field in zip(file.file.columns, file.schema, strict=True):
        plan = plans.get(target)
        if plan is None and not job.schema.keep_other_columns:
            continue
        try:
            ready_type(field.type)
        except NoJsonForm as error:
            yield _no_form(file, target, field.type, error)
            continue
        if plan is None or target in uses:
            continue
        if not could_fit(plan, field.type, flattens=target in job.flatten.columns):
            yield _wrong_type(job, file, plan, field.type)


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
