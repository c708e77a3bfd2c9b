"""The preview of a dataset: listings, footers and first rows tell most of what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging.advice.context import lost_context_error
from mlcc_core.staging.advice.divergence import divergence
from mlcc_core.staging.advice.json_files import json_file_problem
from mlcc_core.staging.advice.lost_media import lost_media
from mlcc_core.staging.advice.missing_columns import missing_columns
from mlcc_core.staging.advice.notes import (
    evaluator_values,
    final_notes,
    first_warnings,
    written_columns,
)
from mlcc_core.staging.advice.printed_messages import printed_messages
from mlcc_core.staging.advice.table_files import table_file_problem
from mlcc_core.staging.model.file_preview import FilePreview
from mlcc_core.staging.model.report import EvaluatorValues
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_error import RowError
from mlcc_core.staging.model.row_issues import FileError
from mlcc_core.staging.results.row_errors import DatasetError, no_rows, row_errors
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite, rewrite_of
from mlcc_core.staging.rules.columns.mapping import map_problems
from mlcc_core.staging.rules.plan import ConversionPlan, Tally, make_plan
from mlcc_core.staging.run.look.convert_head import convert_head
from mlcc_core.staging.run.look.file_preview import has_taken, preview_file

RULES = 5
"""Part of every key; raise it when the same dataset and conversion give other rows than before.

``tests/mlcc_core/staging/golden.py`` compares the bytes of small datasets."""


@dataclass(frozen=True)
class DatasetPreview:
    """A dataset as its listing, footers and first rows show it, and the plan made of that.

    Attributes:
        files: in reading order; a file that cannot be read is left out and stands in
            ``problems``.
        plan: of the conversion.
        columns: the columns that will be written, in their order.
        dropped: the columns seen so far that will not be written.
        strategies: detected chat format by column: ``single_dict``, ``single_message``,
            ``same_role``, ``mixed_roles``.
        notes: what is converted, as :attr:`StagingReport.notes`.
        warnings: probable mistakes, each with what to do.
        plain: one file of JSON lines with the right columns and nothing to convert: its rows could
            be used as they are.
        fingerprint: of the source files; equal fingerprints, equal bytes.
        key: content address of the staged dataset: fingerprint, conversion, schema and the
            technique's own check of rows.
        evaluators: of the first rows.
        problems: everything that is wrong, as far as can be told without reading every row.
    """

    files: tuple[FilePreview, ...]
    plan: ConversionPlan
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    strategies: Mapping[str, str]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    plain: bool
    fingerprint: str
    key: str
    evaluators: EvaluatorValues
    problems: tuple[MlccError, ...] = ()

    @property
    def row_counts(self) -> Mapping[str, int]:
        """The rows of files by name, where a footer says how many."""
        counts = {file.file.name: file.file.rows for file in self.files}
        return {name: rows for name, rows in counts.items() if rows is not None}

    def certain_problems(self) -> list[MlccError]:
        """List problems of the dataset as a whole; staging cannot continue."""
        return [p for p in self.problems if not isinstance(p, DatasetError)]

    def written_columns(self, tally: Tally) -> tuple[str, ...]:
        """List the columns that were written, those among them that only later rows brought."""
        return tuple(dict.fromkeys((*self.columns, *tally.kept)))

    def dropped_columns(self, tally: Tally) -> tuple[str, ...]:
        """List the columns that were dropped, without those that a rewrite made others of."""
        consumed = self.plan.rewrite.reads if self.plan.rewrite else ()
        dropped = dict.fromkeys((*self.dropped, *tally.dropped))
        return tuple(name for name in dropped if name not in consumed)


def preview(job: DatasetJob) -> DatasetPreview:
    """Read listings, footers and first rows, decide on a plan and find what is wrong so far.

    Nothing is converted and nothing is written. All problems of the dataset are in ``problems``.

    Raises:
        PlatformError: a file cannot be reached.
    """
    problems: list[MlccError] = []
    files = _preview_files(job, problems)
    seen = tuple(dict.fromkeys(name for file in files for name in file.file.columns))
    rewrite: ColumnRewrite | None = None
    try:
        rewrite = rewrite_of(job, seen)
    except MlccError as error:
        problems.append(error)
    first = next((file.records for file in files if file.records), ())
    plan = make_plan(job, rewrite, first)
    tally = Tally()
    tally.reading |= {file.file.name: file.notes for file in files}
    problems += _problems(job, plan, files, tally)
    if not problems and files and all(file.is_empty for file in files):
        problems.append(no_rows(job.listing.label))
    written = written_columns(job, plan, seen)
    consumed = rewrite.reads if rewrite else ()
    dropped = [name for name in seen if name not in written and name not in consumed]
    dropped += [name for name in sorted(plan.left_out) if name not in dropped]
    fingerprint = _digest([[file.name, file.fingerprint] for file in job.listing.files])
    return DatasetPreview(
        files=tuple(files),
        plan=plan,
        columns=written,
        dropped=tuple(dropped),
        strategies={column.name: column.strategy for column in plan.columns if column.strategy},
        notes=final_notes(plan, tally, written, counted=False),
        warnings=first_warnings(job, plan, files),
        plain=_is_plain(job, plan, files, tally) and not dropped and not problems,
        fingerprint=fingerprint,
        key=_key(job, fingerprint),
        evaluators=evaluator_values(job, tally),
        problems=tuple(problems),
    )


def _problems(
    job: DatasetJob, plan: ConversionPlan, files: Sequence[FilePreview], tally: Tally
) -> list[MlccError]:
    """List what is wrong with the columns, else with the first rows."""
    columns = _column_problems(job, files, plan.rewrite)
    if columns:
        return columns + _untransformed(job, plan)
    try:
        head = _head_problems(job, plan, files, tally)
    except MlccError as error:
        head = [error]
    lost = lost_media(job, files)
    printed = printed_messages(job, files)
    if printed is not None:
        return [printed]
    return [*head, *_untransformed(job, plan), *([lost] if lost else [])]


def _preview_files(job: DatasetJob, problems: list[MlccError]) -> list[FilePreview]:
    files: list[FilePreview] = []
    for file in job.listing.files:
        if has_taken(job, files):
            break
        try:
            nothing_yet = all(other.is_empty for other in files)
            files.append(preview_file(job, file, rows=nothing_yet))
        except FileError as issue:
            error = RowError(file.name, issue.line, None, issue.found, issue.expected)
            problems.append(MlccError(f"{error}.", hint=job.check_hint()))
        except PlatformError:
            raise
        except MlccError as error:
            problems.append(error)
    return files


def _column_problems(
    job: DatasetJob, files: Sequence[FilePreview], rewrite: ColumnRewrite | None
) -> list[MlccError]:
    """List the problems of the first kind that occurs.

    Kinds are: no rows on lines, divergence, the column map, missing columns, wrong types.
    """
    for file in files:
        if problem := json_file_problem(job, file) or table_file_problem(job, file):
            return [problem]
    readable = [file for file in files if file.source_columns]
    apart = divergence(job, readable)
    if apart is not None:
        return [apart]
    for file in readable:
        if problems := map_problems(job, file):
            return problems
    for file in readable:
        place = file.file.name
        if file.looked_at is not None:
            place = f"the first {file.looked_at:,} rows of {place}"
        missing = missing_columns(job, place, file.file.columns, file.records, rewrite)
        if missing is not None:
            return [missing]
    return [error for file in readable for error in _type_problems(job, file, rewrite)]


def _type_problems(
    job: DatasetJob, file: FilePreview, rewrite: ColumnRewrite | None
) -> list[MlccError]:
    if file.schema is None:
        return []
    from mlcc_core.staging.advice import column_types

    return column_types.problems(job, file, rewrite)


def _head_problems(
    job: DatasetJob, plan: ConversionPlan, files: Sequence[FilePreview], tally: Tally
) -> list[MlccError]:
    errors: list[RowError] = []
    every: list[RowError] = []
    # Of several files, perhaps only the first has rows that are taken.
    for file in files if job.conversion.take is None else files[:1]:
        unreadable = {row.place: row for row in file.invalid}
        converted = {row.place: row for row in convert_head(plan, file, job, tally).invalid}
        for _, row in sorted((converted | unreadable).items()):
            if not row.left_out(job.conversion.on_misfit):
                found = row_errors(row, file.file.name, file.unit)
                errors += found[:1]
                every += found
    records = [record for file in files for record in file.records]
    lost = lost_context_error(job, plan, every, records)
    if lost is not None:
        return [lost]
    return [DatasetError(job, errors, len(errors), complete=False)] if errors else []


def _untransformed(job: DatasetJob, plan: ConversionPlan) -> list[MlccError]:
    """List columns in chat format, which ``--no-transform`` forbids to convert."""
    found = [column for column in plan.columns if column.strategy]
    if job.conversion.transform or not found:
        return []
    first, *others = found
    also = [
        f"Column '{column.name}' contains chat-format data, too (detected: {column.strategy})."
        for column in others
    ]
    return [
        MlccError(
            f"Column '{first.name}' contains chat-format data (detected: {first.strategy}) "
            "but --no-transform is active.",
            hint=job.command_with(transform=True),
            detail=[*also, "Remove --no-transform to enable automatic conversion:"],
        )
    ]


def _is_plain(
    job: DatasetJob, plan: ConversionPlan, files: Sequence[FilePreview], tally: Tally
) -> bool:
    return (
        len(job.listing.files) == len(files) == 1
        and files[0].file.format == "jsonl"
        and files[0].untouched
        and not plan.notes
        and plan.check is None  # it may change rows
        and job.conversion.on_misfit == "fail"  # else rows are left out
        and not job.conversion.column_map
        and plan.rewrite is None  # it writes rows anew
        and not tally.wrapped.total()
        and not tally.read_text.total()
        and not tally.left_out.total()
        and not tally.translated.total()
    )


def _key(job: DatasetJob, fingerprint: str) -> str:
    return _digest(
        [
            RULES,
            fingerprint,
            job.conversion.identity(),
            job.schema_identity(),
            job.flatten.columns,
            job.evaluator_given,
            *(job.row_check.identity if job.row_check else ()),
        ]
    )


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
