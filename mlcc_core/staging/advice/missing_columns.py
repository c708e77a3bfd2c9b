"""A required column that is not there: say what is, and which command would mend it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from mlcc_core.contract.technique import Column
from mlcc_core.errors import MlccError
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_issues import RowIssue
from mlcc_core.staging.results.row_errors import expected_format
from mlcc_core.staging.rules.columns import SYNONYMS, lacking, likely_source
from mlcc_core.staging.rules.messages import detect
from mlcc_core.staging.rules.prompt_extraction import (
    ColumnRewrite,
    is_transcript,
    rewrite_of,
    shared_turns,
)

Record = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]

ANSWERS = ("chosen", "rejected")
PAIR = frozenset({"prompt", "completion"})

TRUTHS = ("ground_truth", "gold_answer", "final_answer")
"""Columns of datasets for the answer that evaluators get as ``reference_answer``."""

OTHER_DELIMITERS = (";", "|", "\t")
"""Characters that spreadsheets and databases write between fields in place of a comma."""


@dataclass(frozen=True)
class Mend:
    """A command that mends a dataset.

    Attributes:
        hint: the command.
        reasons: why the command that comes to mind first is not enough.
    """

    hint: str | None
    reasons: tuple[str, ...] = ()


def missing_columns(
    job: DatasetJob,
    file: str,
    names: Sequence[str],
    records: Sequence[Record],
    rewrite: ColumnRewrite | None,
) -> MlccError | None:
    """The error for required columns that a file does not have, or ``None``.

    Args:
        names: the file's columns, after rename.
        records: the first records, after rename, as far as they are known.
        repair: was asked for: some columns are made, others have to be there.
    """
    needed = [Column(name, ("messages",)) for name in (rewrite.needs if rewrite else ())]
    missing = [
        column
        for column in (*needed, *lacking(job, names))
        if column.name not in names and not (rewrite and column.name in rewrite.fresh)
    ]
    known = any(job.schema.column(name) for name in names)
    if not (missing or known or rewrite or job.schema.keep_other_columns):
        missing = list(job.schema.columns)  # none must be there, but nothing would be written
    if not missing:
        return None
    *others, last = (repr(column.name) for column in missing)
    words = f"{', '.join(others)} and {last}" if others else last
    verb = "s %s are" if others else " %s is"
    mend = _with_commas(file, names) or _mend(job, missing, names, records)
    return MlccError(
        f"Column{verb % words} missing in {file}, which has: {', '.join(names) or '(none)'}.",
        hint=mend.hint,
        detail=(
            *mend.reasons,
            *expected_format(job.schema, evaluator_given=job.evaluator_given),
        ),
    )


def _with_commas(file: str, names: Sequence[str]) -> Mend | None:
    """For a CSV file whose one column is a header with another delimiter."""
    sign = next((sign for sign in OTHER_DELIMITERS if sign in names[0]), "") if names else ""
    if not sign or len(names) > 1 or not file.lower().endswith(".csv"):
        return None
    program = (
        f"csv.writer(sys.stdout).writerows(csv.reader(sys.stdin, delimiter={json.dumps(sign)}))"
    )
    command = shlex.join(("python3", "-c", f"import csv, sys; {program}"))
    return Mend(
        f"{command} < {shlex.quote(file)} > commas.csv   # then name commas.csv",
        (f"Its fields seem to be separated by {sign!r}, expected commas.",),
    )


def unlikely(job: DatasetJob, names: Sequence[str]) -> int:
    """Count the missing columns for which ``names`` offers no likely source."""
    missing = lacking(job, names)
    found = {target for _, target in _likely(job, missing, names)}
    return sum(column.name not in found for column in missing)


def _mend(
    job: DatasetJob, missing: Sequence[Column], names: Sequence[str], records: Sequence[Record]
) -> Mend:
    """The first that works: a repair, a column map, a repair of transcripts, a map to fill in."""
    if not names:
        return Mend(job.check_hint())
    wanted = {column.name for column in missing}
    pairs = _likely(job, missing, names)
    found = {target for _, target in pairs}
    answers = tuple(pair for pair in pairs if pair[1] in ANSWERS)
    if "prompt" in wanted and wanted - {"prompt"} <= {target for _, target in answers}:
        mend = _extracting(job, records, answers)
        if mend is not None:
            return mend
    talks = wanted <= PAIR and "completion" in wanted and job.schema.column("messages") is None
    if talks:
        mend = _from_conversation(job, names, records)
        if mend is not None:
            return mend
    unknown = [column for column in missing if column.name not in found]
    if talks and unknown:
        for name in _known_first(names):
            if any(is_transcript(record.get(name)) for record in records):
                return _splitting(job, records, name)
    return Mend(_mapping(job, pairs, unknown))


def _likely(job: DatasetJob, missing: Sequence[Column], names: Sequence[str]) -> Pairs:
    """List the columns that probably hold what is missing, by their names."""
    known = {column.name for column in job.schema.columns}
    wanted = {column.name for column in missing}
    free = [name for name in names if name not in known]
    pairs: list[tuple[str, str]] = []
    for column in missing:
        source = likely_source(column, free)
        if source is None and column.name == "prompt" and "completion" not in wanted:
            source = "messages" if "messages" in free else None
        if source is not None:
            free.remove(source)
            pairs.append((source, column.name))
    if any(column.evaluator for column in job.schema.columns) and "reference_answer" not in names:
        truth = next((name for name in TRUTHS if name in free), None)
        pairs += [(truth, "reference_answer")] if truth else []
    return tuple(pairs)


def _mapping(job: DatasetJob, pairs: Pairs, unknown: Sequence[Column]) -> str:
    """The command with the likely columns, and places to fill in for the others."""
    open_pairs = tuple(
        (f"<{column.name} column>", column.name) for column in unknown if not column.evaluator
    )
    command = job.command_with(column_map=(*job.conversion.column_map, *pairs, *open_pairs))
    if job.evaluator_flags and any(column.evaluator for column in unknown):
        return f"{command} {job.evaluator_flags[0]} …"
    return command


def _extracting(job: DatasetJob, records: Sequence[Record], answers: Pairs) -> Mend | None:
    """Return the mend that takes prompts out of answers that begin with them.

    ``None`` if they do not.
    """
    if any(job.schema.column(name) is None for name in ANSWERS):
        return None
    asking = _asking(job, answers, "extract_prompt")
    issue = _hindrance(asking, records, answers)
    if issue is None:
        return Mend(asking.command_with())
    first = _renamed(records[0], answers) if records else {}
    if not all(_is_talk(first.get(name)) for name in ANSWERS):
        return None
    return _unfit(asking, "--extract-prompt would split 'chosen' and 'rejected'", issue)


def _from_conversation(
    job: DatasetJob, names: Sequence[str], records: Sequence[Record]
) -> Mend | None:
    """Return the mend that makes prompt and completion of a column of conversations, if any."""
    talks = [name for name in _known_first(names) if _may_be_talk(name, records)]
    mends = [_splitting(job, records, name) for name in talks]
    return next((mend for mend in mends if not mend.reasons), mends[0] if mends else None)


def _splitting(job: DatasetJob, records: Sequence[Record], talk: str) -> Mend:
    pairs = () if talk == "messages" else ((talk, "messages"),)
    asking = _asking(job, pairs, "from_messages")
    known = [record for record in records if talk in record]
    issue = _hindrance(asking, known, pairs) if known else None
    if issue is None:
        return Mend(asking.command_with())
    return _unfit(asking, f"--from-messages would split {talk!r}", issue)


def _unfit(asking: DatasetJob, rewrite: str, issue: RowIssue) -> Mend:
    reason = f"{rewrite}, but not the first rows: found {issue.found}, expected {issue.expected}."
    command = asking.command_with(on_misfit="skip")
    return Mend(f"{command}   # leaves out each such row", (reason,))


def _asking(job: DatasetJob, pairs: Pairs, rewrite: str) -> DatasetJob:
    """The job as it would be with these columns renamed and this repair alone."""
    conversion = replace(
        job.conversion,
        column_map=(*job.conversion.column_map, *pairs),
        transform=True,
        extract_prompt=rewrite == "extract_prompt",
        from_messages=rewrite == "from_messages",
    )
    return replace(job, conversion=conversion)


def _hindrance(asking: DatasetJob, records: Sequence[Record], pairs: Pairs) -> RowIssue | None:
    """Return the reason why the repair fits none of the first records; ``None`` if it fits any."""
    rewrite = rewrite_of(asking)
    first = RowIssue("no row to look at", "a row")
    for place, record in enumerate(records):
        try:
            if rewrite is not None and "prompt" in rewrite.apply(_renamed(record, pairs)):
                return None
        except RowIssue as issue:
            first = issue if place == 0 else first
    return first


def _renamed(record: Record, pairs: Pairs) -> dict[str, Any]:
    targets = dict(pairs)
    return {targets.get(name, name): value for name, value in record.items()}


def _known_first(names: Sequence[str]) -> Iterator[str]:
    """The columns that may hold a conversation to learn from, likeliest first."""
    known = ("messages", *SYNONYMS["messages"], "chosen")
    order = {name: place for place, name in enumerate(known)}
    good = [n for n in names if n.casefold() not in ("rejected", *SYNONYMS["rejected"])]
    yield from sorted(good, key=lambda name: order.get(name.casefold(), len(order)))


def _may_be_talk(name: str, records: Sequence[Record]) -> bool:
    known = [record[name] for record in records if name in record]
    if known:
        return name == "messages" or _is_talk(known[0])
    return name.casefold() in ("messages", *SYNONYMS["messages"])


def _is_talk(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and len(value) > 1 and detect(value) is not None


def repeats_prompt(first: Record) -> bool:
    """Return whether both answers of the first record are conversations that begin alike."""
    chosen, rejected = (first.get(name) for name in ANSWERS)
    if not (_is_talk(chosen) and _is_talk(rejected)):
        return False
    try:
        return shared_turns(chosen, rejected) > 0
    except RowIssue:
        return False
