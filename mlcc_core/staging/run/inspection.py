"""The first look at a dataset: listings, footers and first rows tell most of what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mlcc_core.errors import MlccError, PlatformError
from mlcc_core.staging.advice.divergence import divergence
from mlcc_core.staging.advice.json_files import document_problem
from mlcc_core.staging.advice.lost_media import lost_media
from mlcc_core.staging.advice.missing_columns import missing_columns
from mlcc_core.staging.advice.notes import (
    evaluator_values,
    final_notes,
    first_warnings,
    written_columns,
)
from mlcc_core.staging.convert.lines import convert_lines
from mlcc_core.staging.convert.rows import RowConverter
from mlcc_core.staging.model.file_survey import FileSurvey
from mlcc_core.staging.model.report import Inspection
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_error import RowError
from mlcc_core.staging.model.row_issues import FileFault
from mlcc_core.staging.model.rows import Outcome
from mlcc_core.staging.results.row_errors import DatasetError, no_rows, row_errors
from mlcc_core.staging.rules.columns import map_problems
from mlcc_core.staging.rules.plan import Plan, Tally, make_plan
from mlcc_core.staging.rules.prompt_extraction import Repair, repair_of
from mlcc_core.staging.run.survey import HEAD_ROWS, survey_file

RULES = 3
"""Part of every key; raised when the same dataset and conversion give other rows than before.

``tests/mlcc_core/staging/golden.py`` holds the bytes of small datasets to it."""


@dataclass(frozen=True)
class Survey:
    """The first look at a dataset, for those who go on from it.

    Attributes:
        inspection: for everyone.
        plan: of the conversion.
        files: as far as they could be read, in reading order.
    """

    inspection: Inspection
    plan: Plan
    files: tuple[FileSurvey, ...]


def survey(job: DatasetJob) -> Survey:
    """Look at every file, decide on a plan and find what is wrong so far."""
    problems: list[MlccError] = []
    files = _survey_files(job, problems)
    repair: Repair | None = None
    try:
        repair = repair_of(job)
    except MlccError as error:
        problems.append(error)
    first = next((file.records for file in files if file.records), ())
    plan = make_plan(job, repair, first)
    columns = _column_problems(job, files, repair)
    problems += columns
    tally = Tally()
    if not columns:
        try:
            problems += _head_problems(job, plan, files, tally)
        except MlccError as error:
            problems.append(error)
    problems += _untransformed(job, plan)
    lost = None if columns else lost_media(job, files)
    problems += [lost] if lost else []
    if not problems and files and all(file.is_empty for file in files):
        problems.append(no_rows(job.listing.label))
    seen = tuple(dict.fromkeys(name for file in files for name in file.file.columns))
    written = written_columns(job, plan, seen)
    consumed = repair.reads if repair else ()
    dropped = tuple(name for name in seen if name not in written and name not in consumed)
    fingerprint = _digest([[file.name, file.fingerprint] for file in job.listing.files])
    inspection = Inspection(
        files=tuple(file.file for file in files),
        columns=written,
        dropped=dropped,
        strategies={column.name: column.strategy for column in plan.columns if column.strategy},
        notes=final_notes(plan, tally),
        warnings=first_warnings(job, plan, files),
        plain=_is_plain(job, plan, files, tally) and not dropped and not problems,
        fingerprint=fingerprint,
        key=_key(job, fingerprint),
        evaluators=evaluator_values(job, tally),
        problems=tuple(problems),
    )
    return Survey(inspection, plan, tuple(files))


def _survey_files(job: DatasetJob, problems: list[MlccError]) -> list[FileSurvey]:
    files: list[FileSurvey] = []
    for file in job.listing.files:
        try:
            nothing_yet = all(survey.is_empty for survey in files)
            files.append(survey_file(job, file, rows=nothing_yet))
        except FileFault as fault:
            error = RowError(file.name, fault.line, None, fault.found, fault.expected)
            problems.append(MlccError(f"{error}.", hint=job.check_hint()))
        except PlatformError:
            raise
        except MlccError as error:
            problems.append(error)
    return files


def _column_problems(
    job: DatasetJob, files: Sequence[FileSurvey], repair: Repair | None
) -> list[MlccError]:
    """The first kind that there is: no rows on lines, divergence, the column map, what is missing,
    what cannot be written."""
    for file in files:
        if problem := document_problem(job, file):
            return [problem]
    readable = [file for file in files if file.source_columns]
    apart = divergence(job, readable)
    if apart is not None:
        return [apart]
    for file in readable:
        if problems := map_problems(job, file.file.name, file.source_columns):
            return problems
    for file in readable:
        missing = missing_columns(job, file.file.name, file.file.columns, file.records, repair)
        if missing is not None:
            return [missing]
    return [error for file in readable for error in _type_problems(job, file, repair)]


def _type_problems(job: DatasetJob, file: FileSurvey, repair: Repair | None) -> list[MlccError]:
    if file.schema is None:
        return []
    from mlcc_core.staging.advice import column_types

    return column_types.problems(job, file, repair)


def _head_problems(
    job: DatasetJob, plan: Plan, files: Sequence[FileSurvey], tally: Tally
) -> list[MlccError]:
    errors: list[RowError] = []
    for file in files:
        unreadable = {row.number: row for row in file.bad}
        converted = {row.number: row for row in _convert_head(plan, file, job, tally).bad}
        for _, row in sorted((converted | unreadable).items()):
            if not (row.misfit and job.conversion.on_misfit == "skip"):
                errors += row_errors(row, file.file.name, file.unit)[:1]
    return [DatasetError(job, errors, len(errors), complete=False)] if errors else []


def _convert_head(plan: Plan, file: FileSurvey, job: DatasetJob, tally: Tally) -> Outcome:
    renames = dict(job.conversion.column_map)
    if file.schema is None:
        return convert_lines(file.lines, RowConverter(plan, renames, tally))
    if file.table is None:
        return Outcome(read=0)
    from mlcc_core.staging.convert.columnar import TableConverter
    from mlcc_core.staging.model.rows import TableBatch

    converter = TableConverter(plan, file.schema, renames, tally)
    rows = file.table.rows.slice(0, HEAD_ROWS).select(converter.columns)
    batch = TableBatch(file.table.numbers[: rows.num_rows], rows)
    return converter.convert(converter.prepare(batch), None)


def _untransformed(job: DatasetJob, plan: Plan) -> list[MlccError]:
    """Chat format that ``--no-transform`` forbids to convert."""
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


def _is_plain(job: DatasetJob, plan: Plan, files: Sequence[FileSurvey], tally: Tally) -> bool:
    return (
        len(job.listing.files) == len(files) == 1
        and files[0].file.format == "jsonl"
        and files[0].untouched
        and not plan.notes
        and not job.conversion.column_map
        and not tally.wrapped.total()
        and not tally.translated.total()
    )


def _key(job: DatasetJob, fingerprint: str) -> str:
    return _digest(
        [
            RULES,
            fingerprint,
            asdict(job.conversion),
            asdict(job.schema),
            job.flatten.columns,
            job.evaluator_given,
        ]
    )


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
