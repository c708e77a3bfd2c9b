"""The form of a dataset, where a technique's schema has several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcc_core.contract.technique.schema import (
    ANY_FORMAT,
    DatasetSchema,
    TargetModel,
    choose_format,
)
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging.advice.missing_columns import missing_columns
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.rules.columns import lacking
from mlcc_core.staging.rules.prompt_extraction import rewrite_of
from mlcc_core.staging.run.file_preview import preview_file


def choose_form(
    job: DatasetJob, forms: Sequence[DatasetSchema], model: TargetModel, *, named_only: bool
) -> DatasetSchema:
    """Return the first form whose required columns the dataset has, and that the model takes.

    Where the catalog names a format for the model, only the form of that name is taken.

    Args:
        job: the dataset, with any of the forms.
        forms: at least one, the preferred one first.
        model: to customise.
        named_only: the catalog names one format for each of its models, and no other is taken.

    Raises:
        MlccError: no form fits; what each lacks and what the dataset has is listed.
        PlatformError: the dataset cannot be reached.
    """
    taken = taken_forms(forms, model, named_only=named_only)
    if len(forms) == 1:
        return forms[0]
    try:
        file = preview_file(job, job.listing.files[0], rows=False)
    except PlatformError:
        raise
    except (FileError, MlccError):
        return taken[0]  # the preview of the dataset says what is wrong with its first file
    if not file.source_columns:
        return taken[0]
    missing = {form.format: _missing(replace(job, schema=form), file) for form in taken}
    for form in taken:
        if not missing[form.format]:
            return form
    nearest = min(taken, key=lambda form: len(missing[form.format]))
    others = [form for form in forms if form not in taken]
    columns = ", ".join(file.file.columns)
    raise MlccError(
        f"{file.file.name} has none of the forms that technique's datasets have; "
        f"its columns are: {columns}.",
        where="--dataset",
        hint=_hint(replace(job, schema=nearest), file),
        detail=(
            *(f"Form {name!r} lacks: {', '.join(names)}." for name, names in missing.items()),
            *(f"Form {form.format!r} is not for model {model.name!r}." for form in others),
        ),
    )


def taken_forms(
    forms: Sequence[DatasetSchema], model: TargetModel, *, named_only: bool
) -> Sequence[DatasetSchema]:
    """Return the forms that may be used for a model, at least one.

    Raises:
        MlccError: the catalog names a format that is not among several forms.
    """
    named = [form for form in forms if form.format == model.dataset_format]
    if model.dataset_format == ANY_FORMAT:
        return (named or forms[:1]) if named_only else forms
    return named or ([choose_format(model, *forms)] if len(forms) > 1 else forms)


def _missing(job: DatasetJob, file: FilePreview) -> list[str]:
    """List the columns that a form needs and the dataset has not, nor gets by a rewrite."""
    names = file.file.columns
    try:
        rewrite = rewrite_of(job)
    except MlccError:
        return [column.name for column in job.schema.required]
    needs = [name for name in (rewrite.needs if rewrite else ()) if name not in names]
    fresh = rewrite.fresh if rewrite else ()
    lacks = [column.name for column in lacking(job, names) if column.name not in fresh]
    return [*needs, *lacks]


def _hint(job: DatasetJob, file: FilePreview) -> str | None:
    names = file.file.columns
    error = missing_columns(job, file.file.name, names, file.records, rewrite_of(job))
    return error.hint if error is not None else None
