"""A missing required column: show the columns that exist, and the command that fixes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.text import listed
from mlcc_core.staging.advice.context import textual, with_context
from mlcc_core.staging.advice.trial import Fix, keeps_rows
from mlcc_core.staging.model.column_map import Pair, extended, sources_of
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.results.row_errors import expected_format
from mlcc_core.staging.rules.column_rewrite import ColumnRewrite, rewrite_of
from mlcc_core.staging.rules.columns.names import SYNONYMS, in_order, lacking, likely_source
from mlcc_core.staging.rules.context import context_kind, has_text
from mlcc_core.staging.rules.messages import detect
from mlcc_core.staging.rules.prompt_extraction import is_transcript, shared_turns

Record = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]
"""Columns that are only renamed."""

ANSWERS = ("chosen", "rejected")
PAIR = frozenset({"prompt", "completion"})

REFERENCE_ANSWERS = ("ground_truth", "gold_answer", "final_answer")
"""Columns of datasets for the answer that evaluators get as ``reference_answer``."""


def missing_columns(
    job: DatasetJob,
    file: str,
    names: Sequence[str],
    records: Sequence[Record],
    rewrite: ColumnRewrite | None,
) -> MlccError | None:
    """Return the error for required columns that a file does not have, or ``None``.

    Args:
        job: the dataset.
        file: its preview.
        names: the file's columns, after rename.
        records: the first records, after rename, as far as they are known.
        rewrite: the conversion's: it makes some columns, and needs others.
    """
    needed = [Column(name, ("messages",)) for name in (rewrite.needs if rewrite else ())]
    missing = [
        column
        for column in (*needed, *lacking(job, names))
        if column.name not in names and not (rewrite and column.name in rewrite.fresh)
    ]
    known = any(job.schema.column(name) for name in names)
    if not (missing or known or rewrite or job.schema.keep_other_columns):
        missing = list(job.schema.columns)  # none is required, but nothing would be written
    if not missing:
        return None
    words = listed(repr(column.name) for column in missing)
    verb = "s %s are" if len(missing) > 1 else " %s is"
    fix = _fix(job, missing, names, records)
    return MlccError(
        f"Column{verb % words} missing in {file}, which has: {', '.join(names) or '(none)'}.",
        hint=fix.hint,
        detail=(
            *fix.reasons,
            *job.other_forms,
            *expected_format(job.schema, evaluator_given=job.evaluator_given),
        ),
    )


def unlikely(job: DatasetJob, names: Sequence[str]) -> int:
    """Count the missing columns for which ``names`` offers no likely source."""
    missing = lacking(job, names)
    found = {target for _, target in _likely(job, missing, names)}
    return sum(column.name not in found for column in missing)


def _fix(
    job: DatasetJob, missing: Sequence[Column], names: Sequence[str], records: Sequence[Record]
) -> Fix:
    """Return the first fix that works.

    Tried are a rewrite, a column map, a rewrite of transcripts, a map to fill in.
    """
    if not names:
        return Fix(job.check_hint())
    wanted = {column.name for column in missing}
    pairs = _likely(job, missing, names)
    found = {target for _, target in pairs}
    answers = tuple(pair for pair in pairs if pair[1] in ANSWERS)
    if "prompt" in wanted and wanted - {"prompt"} <= {target for _, target in answers}:
        fix = _extracting(job, records, answers)
        if fix is not None:
            return fix
    conversations = (
        wanted <= PAIR and "completion" in wanted and job.schema.column("messages") is None
    )
    if conversations:
        fix = _from_conversation(job, names, records)
        if fix is not None:
            return fix
    unknown = [column for column in missing if column.name not in found]
    if conversations and unknown:
        for name in _known_first(names):
            if any(is_transcript(record.get(name)) for record in records):
                return _splitting(job, records, name)
    if wanted == PAIR and not pairs and (pairs := in_order(names, records)):
        unknown = []
    return _renaming(job, pairs, unknown, names, records) or Fix(_mapping(job, (), missing))


def _renaming(
    job: DatasetJob,
    pairs: Pairs,
    unknown: Sequence[Column],
    names: Sequence[str],
    records: Sequence[Record],
) -> Fix | None:
    """Return the fix that renames likely columns, and joins columns of context to them.

    ``None`` if that would keep none of the first rows.
    """
    free = [name for name in names if job.schema.column(name) is None]
    joined = with_context(job.schema, pairs, textual(free, records))
    if unknown or keeps_rows(job, records, joined):
        return Fix(_mapping(job, joined, unknown))
    if keeps_rows(job, records, pairs):
        return Fix(_mapping(job, pairs, ()))
    used = {name for pair in joined for name in sources_of(pair)}
    watched = [name for name in free if context_kind(name) and name not in used]
    lost = [name for name in watched if any(has_text(record.get(name)) for record in records)]
    without: list[Pair] = [*joined, *((name, None) for name in lost)]
    if lost and keeps_rows(job, records, without):
        shown = " and ".join(map(repr, lost))
        reason = f"What is in {shown} cannot be joined to text, so the command leaves it out."
        return Fix(_mapping(job, without, ()), (reason,))
    return None


def _likely(job: DatasetJob, missing: Sequence[Column], names: Sequence[str]) -> Pairs:
    """List the columns that probably hold what is missing, by their names."""
    known = {column.name for column in job.schema.columns}
    wanted = {column.name for column in missing}
    free = [name for name in names if name not in known]
    pairs: list[tuple[str, str]] = []
    for column in missing:
        meant = {name.casefold() for other in missing if other != column for name in other.also}
        meant -= {name.casefold() for name in column.also}
        source = likely_source(column, [name for name in free if name.casefold() not in meant])
        if source is None and column.name == "prompt" and "completion" not in wanted:
            source = "messages" if "messages" in free else None
        if source is not None:
            free.remove(source)
            pairs.append((source, column.name))
    if any(column.evaluator for column in job.schema.columns) and "reference_answer" not in names:
        reference = next((name for name in REFERENCE_ANSWERS if name in free), None)
        pairs += [(reference, "reference_answer")] if reference else []
    return tuple(pairs)


@hint_kind("columns that are likely what is missing")
def _mapping(job: DatasetJob, pairs: Sequence[Pair], unknown: Sequence[Column]) -> str:
    """Return the command with the likely columns, and blanks to fill in for the others."""
    open_pairs = [
        (f"<{column.name} column>", column.name) for column in unknown if not column.evaluator
    ]
    more = extended(job.conversion.column_map, [*pairs, *open_pairs])
    command = job.command_with(column_map=more)
    if job.evaluator_flags and any(column.evaluator for column in unknown):
        return f"{command} {job.evaluator_flags[0]} …"
    return command


def _extracting(job: DatasetJob, records: Sequence[Record], answers: Pairs) -> Fix | None:
    """Return the fix that extracts prompts from answers that begin with them.

    ``None`` if they do not.
    """
    if any(job.schema.column(name) is None for name in ANSWERS):
        return None
    changed = _job_with(job, answers, "extract_prompt")
    issue = _first_issue(changed, records, answers)
    if issue is None:
        return _tried(job, records, answers, "extract_prompt")
    first = _renamed(records[0], answers) if records else {}
    if not all(_is_conversation(first.get(name)) for name in ANSWERS):
        return None
    return _unfit("--extract-prompt would split 'chosen' and 'rejected'", issue)


def _from_conversation(
    job: DatasetJob, names: Sequence[str], records: Sequence[Record]
) -> Fix | None:
    """Return the fix that splits a column of conversations into prompt and completion, if any."""
    conversations = [name for name in _known_first(names) if _may_be_conversation(name, records)]
    fixes = [_splitting(job, records, name) for name in conversations]
    return next((fix for fix in fixes if not fix.reasons), fixes[0] if fixes else None)


def _splitting(job: DatasetJob, records: Sequence[Record], conversation: str) -> Fix:
    pairs = () if conversation == "messages" else ((conversation, "messages"),)
    changed = _job_with(job, pairs, "from_messages")
    known = [record for record in records if conversation in record]
    issue = _first_issue(changed, known, pairs) if known else None
    if issue is None:
        return _tried(job, records, pairs, "from_messages")
    return _unfit(f"--from-messages would split {conversation!r}", issue)


def _unfit(rewrite: str, issue: RowIssue) -> Fix:
    """Return the reason why a rewrite is not suggested: it would keep none of the first rows."""
    reason = f"{rewrite}, but not the first rows: {issue.said}."
    return Fix(None, (reason,))


@hint_kind("a rewrite that makes what is missing")
def _tried(job: DatasetJob, records: Sequence[Record], pairs: Pairs, rewrite: str) -> Fix:
    """Return the fix by a rewrite that fits; columns of context beside it are left out by name."""
    changed = _job_with(job, pairs, rewrite)
    if keeps_rows(changed, records, pairs):
        return Fix(changed.command_with())
    names = dict.fromkeys(name for record in records for name in record)
    lost = [name for name in names if context_kind(name) and job.schema.column(name) is None]
    more: list[Pair] = [*pairs, *((name, None) for name in lost)]
    if not keeps_rows(changed, records, more):
        return Fix(None)
    shown = " and ".join(map(repr, lost))
    return Fix(
        changed.command_with(column_map=extended(job.conversion.column_map, more)),
        (f"What is in {shown} has no place in these columns, so the command leaves it out.",),
    )


def _job_with(job: DatasetJob, pairs: Pairs, rewrite: str) -> DatasetJob:
    """Return the job with these columns renamed and only this rewrite."""
    conversion = replace(
        job.conversion,
        column_map=extended(job.conversion.column_map, pairs),
        transform=True,
        extract_prompt=rewrite == "extract_prompt",
        from_messages=rewrite == "from_messages",
    )
    return replace(job, conversion=conversion)


def _first_issue(changed: DatasetJob, records: Sequence[Record], pairs: Pairs) -> RowIssue | None:
    """Return why the rewrite fits none of the first records; ``None`` if it fits any."""
    rewrite = rewrite_of(changed)
    first = RowIssue("no row to look at", "a row")
    for index, record in enumerate(records):
        try:
            if rewrite is not None and "prompt" in rewrite.apply(_renamed(record, pairs)):
                return None
        except RowIssue as issue:
            first = issue if index == 0 else first
    return first


def _renamed(record: Record, pairs: Pairs) -> dict[str, Any]:
    targets = dict(pairs)
    return {targets.get(name, name): value for name, value in record.items()}


def _known_first(names: Sequence[str]) -> Iterator[str]:
    """Yield the columns that may hold a conversation to learn from, likeliest first."""
    known = ("messages", *SYNONYMS["messages"], "chosen")
    order = {name: rank for rank, name in enumerate(known)}
    good = [n for n in names if n.casefold() not in ("rejected", *SYNONYMS["rejected"])]
    yield from sorted(good, key=lambda name: order.get(name.casefold(), len(order)))


def _may_be_conversation(name: str, records: Sequence[Record]) -> bool:
    known = [record[name] for record in records if name in record]
    if known:
        return name == "messages" or _is_conversation(known[0])
    return name.casefold() in ("messages", *SYNONYMS["messages"])


def _is_conversation(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and len(value) > 1 and detect(value) is not None


def repeats_prompt(first: Record) -> bool:
    """Return whether both answers of the first record are conversations with the same beginning."""
    chosen, rejected = (first.get(name) for name in ANSWERS)
    if not (_is_conversation(chosen) and _is_conversation(rejected)):
        return False
    try:
        return shared_turns(chosen, rejected) > 0
    except RowIssue:
        return False
