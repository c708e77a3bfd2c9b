"""Notes and warnings about a conversion, beside its errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlcc_core.helpers.text import plural
from mlcc_core.staging.advice.missing_columns import repeats_prompt
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.read_note import in_words
from mlcc_core.staging.model.report import EvaluatorValues, Ledger
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.plan import ConversionPlan, Tally


def written_columns(job: DatasetJob, plan: ConversionPlan, seen: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to write: the schema's, in its order, then others that are kept."""
    made = plan.rewrite.makes if plan.rewrite else ()
    consumed = plan.rewrite.reads if plan.rewrite else ()
    columns = [c.name for c in plan.columns if c.name in seen or c.name in made]
    if job.schema.keep_other_columns:
        columns += [name for name in seen if name not in columns and name not in consumed]
    return tuple(columns)


def first_warnings(
    job: DatasetJob, plan: ConversionPlan, files: Sequence[FilePreview]
) -> tuple[str, ...]:
    """List warnings that the first rows suggest."""
    first = next((record for file in files for record in file.records), None)
    answers = {column.name for column in plan.columns if column.strategy == "mixed_roles"}
    if first is None or "chosen" not in answers or not repeats_prompt(first):
        return ()
    if job.schema.column("prompt") is None:
        return ()
    text = (
        "Columns 'chosen' and 'rejected' repeat the prompt before the answer. To move it to "
        "column 'prompt':"
    )
    return (f"{text}\n{job.command_with(extract_prompt=True)}",)


def final_notes(
    plan: ConversionPlan, tally: Tally, columns: Sequence[str], *, counted: bool = True
) -> tuple[str, ...]:
    """List what was recognised in the files and what was converted.

    Args:
        plan: of the conversion.
        tally: of the rows.
        columns: that are written.
        counted: the tally is of all rows.
    """
    recognised = in_words(tally.reading, counted=counted)
    wrapped = tuple(
        f"Wrapped column '{name}' from string to messages\nFormat: one user message"
        for name, rows in tally.wrapped.items()
        if rows
    )
    read = tuple(
        f"Read JSON text as messages in column '{name}'" for name, n in tally.read_text.items() if n
    )
    system = tuple(
        f"Column '{name}' became the first message of the conversation"
        for name, rows in tally.as_system.items()
        if rows
    )
    translated = tuple(
        f"Renamed the keys of messages in column '{name}' from 'from' and 'value'\n"
        "Format: role and content; human is user, gpt is assistant"
        for name, rows in tally.translated.items()
        if rows
    )
    left_out = sorted(name for name, rows in tally.left_out.items() if rows)
    gone = (f"Left out fields of messages: {', '.join(left_out)}",) if left_out else ()
    beside = (*_settings(tally), *_beside(plan, columns))
    return (*recognised, *plan.notes, *read, *wrapped, *translated, *system, *gone, *beside)


def _settings(tally: Tally) -> Iterator[str]:
    for name, rows in tally.settings.items():
        if rows:
            of = plural(rows, "row")
            yield f"Left out setting '{name}' of {of}: it says how replies were asked for"


def _beside(plan: ConversionPlan, columns: Sequence[str]) -> tuple[str, ...]:
    context = (column.name for column in plan.columns if column.column.context)
    names = [repr(name) for name in context if name in columns]
    if not names:
        return ()
    columns = f"Column {names[0]} is" if len(names) == 1 else f"Columns {', '.join(names)} are"
    return (f"{columns} kept beside each row as context",)


def evaluator_values(job: DatasetJob, tally: Tally) -> EvaluatorValues:
    """Return the values of the evaluator column; nothing where a flag names the evaluator."""
    return EvaluatorValues() if job.evaluator_given else tally.evaluator_values()


def last_warnings(plan: ConversionPlan, tally: Tally, ledger: Ledger) -> tuple[str, ...]:
    """List warnings that need all rows."""
    blank = [
        f"{_rows(count)} an empty column '{name}'."
        for name, count in tally.blank.items()
        if count and next(c.required for c in plan.columns if c.name == name)
    ]
    roles = {column.name: column.role for column in plan.columns}
    other = [
        f"{_rows(count)} another role in column '{name}' than the first record "
        f"('{roles[name]}'); flattening drops the role."
        for name, count in tally.other_role.items()
        if count
    ]
    empty = [
        f"{entry.file} has no rows."
        for entry in ledger.files
        if entry.read == 0 and entry.not_reached is None
    ]
    return (*blank, *other, *empty)


def take_note(take: int, ledger: Ledger) -> str:
    """Return the note on a dataset of which the first ``take`` rows are wanted.

    Example:
        ``--take 1,000: the dataset has no more than 500 rows, and all are taken``
    """
    if ledger.read < take and not ledger.not_reached:
        has = plural(ledger.read, "row")
        return f"--take {take:,}: the dataset has no more than {has}, and all are taken"
    return f"--take {take:,}: only the first {plural(take, 'row')} of the dataset are taken"


def _rows(count: int) -> str:
    return f"{count} row has" if count == 1 else f"{count:,} rows have"
