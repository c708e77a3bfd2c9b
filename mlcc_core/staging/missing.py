"""A required column that is not there: say what is, and which command would mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcc_core.errors import MlccError
from mlcc_core.staging.chat import detect
from mlcc_core.staging.columns import SYNONYMS, likely_source
from mlcc_core.staging.faults import Fault
from mlcc_core.staging.problems import expected_format
from mlcc_core.staging.repairs import TRANSCRIPT_TURN, Repair, shared_turns
from mlcc_core.staging.request import DatasetJob
from mlcc_core.technique import Column

Record = Mapping[str, Any]


def missing_columns(
    job: DatasetJob,
    file: str,
    names: Sequence[str],
    records: Sequence[Record],
    repair: Repair | None,
) -> MlccError | None:
    """The error for required columns that a file does not have, or ``None``.

    Args:
        names: the file's columns, after rename.
        records: the first records, after rename, as far as they are known.
        repair: was asked for: some columns are made, others have to be there.
    """
    needed = [Column(name, ("messages",)) for name in (repair.needs if repair else ())]
    missing = [
        column
        for column in (*needed, *job.schema.required)
        if column.name not in names
        and not (repair and column.name in repair.fresh)
        and not (column.evaluator and job.evaluator_given)
    ]
    if not missing:
        return None
    words = " and ".join(repr(column.name) for column in missing)
    noun = "Column" if len(missing) == 1 else "Columns"
    verb = "is" if len(missing) == 1 else "are"
    return MlccError(
        f"{noun} {words} {verb} missing in {file}, which has: {', '.join(names) or '(none)'}.",
        hint=_mend(job, missing, names, records[0] if records else {}),
        detail=expected_format(job.schema, evaluator_given=job.evaluator_given),
    )


def _mend(
    job: DatasetJob, missing: Sequence[Column], names: Sequence[str], first: Record
) -> str | None:
    wanted = {column.name for column in missing}
    if wanted == {"prompt"} and _shares_prompt(first):
        return job.command_with(extract_prompt=True)
    known = {column.name for column in job.schema.columns}
    if wanted <= {"prompt", "completion"} and "completion" in wanted and "messages" not in known:
        if "messages" in names:
            return job.command_with(from_messages=True)
        talk = next((name for name in names if _is_conversation(name, first)), None)
        if talk is not None:
            pairs = (*job.conversion.column_map, (talk, "messages"))
            return job.command_with(column_map=pairs, from_messages=True)
    mended = list(job.conversion.column_map)
    free = [name for name in names if name not in known]
    for column in missing:
        if source := likely_source(column, free):
            free.remove(source)
            mended.append((source, column.name))
    if len(mended) > len(job.conversion.column_map):
        return job.command_with(column_map=tuple(mended))
    if job.evaluator_flags and all(column.evaluator for column in missing):
        return f"{job.command_with()} {job.evaluator_flags[0]} …"
    return job.check_hint()


def _is_conversation(name: str, first: Record) -> bool:
    if name not in first:  # a columnar file whose other columns were not read
        return name.casefold() in SYNONYMS["messages"]
    value = first[name]
    return isinstance(value, list) and len(value) > 1 and detect(value) is not None


def _shares_prompt(first: Record) -> bool:
    """Whether chosen and rejected of the first record begin with the same messages."""
    chosen, rejected = first.get("chosen"), first.get("rejected")
    if isinstance(chosen, str) and isinstance(rejected, str):
        return TRANSCRIPT_TURN in chosen and TRANSCRIPT_TURN in rejected
    if not isinstance(chosen, list) or not isinstance(rejected, list):
        return False
    if detect(chosen) is None or detect(rejected) is None:
        return False
    try:
        return shared_turns(chosen, rejected) > 0
    except Fault:
        return False


def repeats_prompt(first: Record) -> bool:
    """Whether both answers of the first record are conversations that begin alike."""
    return not isinstance(first.get("chosen"), str) and _shares_prompt(first)
