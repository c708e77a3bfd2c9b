"""The form of a dataset, where a technique's schema has several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mlcc_core.contract.technique.schema import (
    ANY_FORMAT,
    DatasetSchema,
    TargetModel,
    choose_format,
)
from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.helpers.text import plural
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_issues import FileError, RowIssue
from mlcc_core.staging.rules.column_rewrite import rewrite_of
from mlcc_core.staging.rules.columns.names import SYNONYMS, lacking
from mlcc_core.staging.rules.conversation.chat_text import is_repr
from mlcc_core.staging.rules.conversation.turns import read_turns
from mlcc_core.staging.rules.conversation.whole import conversation_columns
from mlcc_core.staging.run.look.file_preview import preview_file

CONVERSATIONS = ("messages", *SYNONYMS["messages"])
"""Names of columns of conversations, likeliest first."""

FORMS_SHOWN = 5
"""Forms of which an error says what they lack."""


@dataclass(frozen=True)
class ChosenForm:
    """The form of a dataset.

    Attributes:
        schema: of the form.
        taken: pairs of a column that holds conversations, and the column that it is taken as.
        others: why the other forms were not chosen, where this one does not fit either.
    """

    schema: DatasetSchema
    taken: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()


def choose_form(
    job: DatasetJob, forms: Sequence[DatasetSchema], model: TargetModel, *, named_only: bool
) -> ChosenForm:
    """Return the first form whose required columns the dataset has, and that the model takes.

    Where the catalog names a format for the model, only the form of that name is taken. Where no
    form fits, the preferred one is returned: the preview of the dataset says what it lacks.

    Args:
        job: the dataset, with any of the forms.
        forms: at least one, the preferred one first.
        model: to customise.
        named_only: the catalog names one format for each of its models, and no other is taken.

    Raises:
        MlccError: the catalog names a format that is not among several forms.
        PlatformError: the dataset cannot be reached.
    """
    taken = taken_forms(forms, model, named_only=named_only)
    whole = any(conversation_columns(form)[0] for form in taken)
    if len(forms) == 1 and not whole:
        return ChosenForm(forms[0])
    for rows in (False, True) if whole else (False,):  # names alone tell most of the time
        try:
            file = preview_file(replace(job, schema=taken[0]), job.listing.files[0], rows=rows)
        except PlatformError:
            raise
        except (FileError, MlccError):
            return ChosenForm(taken[0])  # the preview of the dataset says what is wrong with it
        if not file.source_columns:
            return ChosenForm(taken[0])
        missing: dict[str, list[str]] = {}
        for form in taken:
            names = taken_as(form, file)
            lacks = _missing(replace(job, schema=form), file, dict(names).values())
            if not lacks:
                return ChosenForm(form, names)
            missing[form.format] = lacks
    return ChosenForm(taken[0], (), _others(forms, taken, missing, model))


def _others(
    forms: Sequence[DatasetSchema],
    taken: Sequence[DatasetSchema],
    missing: Mapping[str, Sequence[str]],
    model: TargetModel,
) -> tuple[str, ...]:
    """Return why the forms other than the preferred one do not fit, each reason once.

    Of many the first are told, and how many more there are.
    """
    lacking_columns: dict[tuple[str, ...], str] = {}
    for form in taken:
        lacking_columns.setdefault(tuple(missing[form.format]), form.format)
    lacking_columns.pop(tuple(missing[taken[0].format]))
    lines = [f"Form {name!r} lacks: {', '.join(names)}." for names, name in lacking_columns.items()]
    not_taken = (form.format for form in forms if form not in taken)
    lines += [f"Form {name!r} is not for model {model.name!r}." for name in not_taken]
    more = len(lines) - FORMS_SHOWN
    return (*lines[:FORMS_SHOWN], *([f"… and {plural(more, 'more form')}."] if more > 0 else ()))


def taken_as(schema: DatasetSchema, file: FilePreview) -> tuple[tuple[str, str], ...]:
    """Return the column that holds conversations, paired with the schema's that is missing."""
    column, _ = conversation_columns(schema)
    names = file.file.columns
    if column is None or column in names:
        return ()
    for name in sorted(names, key=_rank):
        values = [row[name] for row in file.records if row.get(name) is not None]
        if name.casefold() in CONVERSATIONS and values and all(map(_holds_answer, values)):
            return ((name, column),)
    return ()


def _rank(name: str) -> int:
    folded = name.casefold()
    return CONVERSATIONS.index(folded) if folded in CONVERSATIONS else len(CONVERSATIONS)


def _holds_answer(value: object) -> bool:
    """Return whether a value is a conversation with a message of the assistant.

    One in the notation of Python or numpy counts, too: what is wrong with it is told.
    """
    if isinstance(value, str) and is_repr(value):
        return True
    try:
        return any(turn["role"] == "assistant" for turn in read_turns(value))
    except RowIssue as issue:
        return issue.lossy


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


def _missing(job: DatasetJob, file: FilePreview, taken: Iterable[str]) -> list[str]:
    """List the columns that a form needs and the dataset has not, nor gets by a rewrite."""
    names = (*file.file.columns, *taken)
    try:
        rewrite = rewrite_of(job, names)
    except MlccError:
        return [column.name for column in job.schema.required]
    needs = [name for name in (rewrite.needs if rewrite else ()) if name not in names]
    fresh = rewrite.fresh if rewrite else ()
    lacks = [column.name for column in lacking(job, names) if column.name not in fresh]
    return [*needs, *lacks]
