"""Columns of context whose text would be dropped: the command that makes it a part of the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcc_core.contract.technique.schema import DatasetSchema
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.staging.advice.trial import keeps_rows
from mlcc_core.staging.model.column_map import Pair, extended, sources_of
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.model.row_error import RowError
from mlcc_core.staging.model.row_issues import LostContext
from mlcc_core.staging.rules.context import KINDS, context_kind, has_text
from mlcc_core.staging.rules.plan import ConversionPlan

Record = Mapping[str, Any]

ASKED, ANSWERED, TOOLS = "prompt", "completion", "tools"
"""The columns that context belongs to: what the model is given, what it answers, its tools."""

_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}


def textual(names: Iterable[str], records: Sequence[Record]) -> list[str]:
    """Return the columns of context that have text in the first rows and nothing else."""
    found = []
    for name in filter(context_kind, names):
        values = [record[name] for record in records if record.get(name) is not None]
        if any(map(has_text, values)) and all(isinstance(value, str) for value in values):
            found.append(name)
    return found


def with_context(
    schema: DatasetSchema, pairs: Sequence[Pair], context: Iterable[str]
) -> list[Pair]:
    """Return the entries of a column map with columns of context joined to what they belong to.

    Args:
        schema: of the technique.
        pairs: entries that make columns of the schema; a column without one is there already.
        context: columns of text to be joined.

    Example:
        ``[("question", "prompt")]`` and a column ``system`` become
        ``[(("system", "question"), "prompt")]``.
    """
    made = {target: sources_of((source, target)) for source, target in pairs}
    for name in context:
        kind = context_kind(name)
        target = ANSWERED if kind == "reasoning" else TOOLS if kind == "tools" else ASKED
        used = any(name in sources for sources in made.values())
        if used or schema.column(target) is None or (target == TOOLS and target in made):
            continue
        parts = made.get(target, (target,) if target != TOOLS else ())
        rank = _rank_in_answer if target == ANSWERED else _rank
        made[target] = tuple(sorted((*parts, name), key=rank))
    return [(parts[0] if len(parts) == 1 else parts, target) for target, parts in made.items()]


def _rank(name: str) -> int:
    """Return the place of a text in the prompt: a system prompt first, then as KINDS has them."""
    return _RANKS[context_kind(name) or "question"]


def _rank_in_answer(name: str) -> int:
    """Return the place of a text in the answer: reasoning comes before what it led to."""
    return 0 if context_kind(name) == "reasoning" else 1


@dataclass(frozen=True)
class Lost:
    """Columns of context whose text would be dropped.

    Attributes:
        names: after rename.
        nested: those of them that hold arrays or objects, which cannot be joined.
    """

    names: tuple[str, ...]
    nested: tuple[str, ...] = ()

    @classmethod
    def of(cls, errors: Iterable[RowError]) -> Lost:
        """Return the columns that errors of rows are about; none for other errors."""
        lost = [error for error in errors if error.found in (LostContext.TEXT, LostContext.NESTED)]
        nested = (e.column for e in lost if e.column and e.found == LostContext.NESTED)
        names = dict.fromkeys(error.column for error in lost if error.column is not None)
        return cls(tuple(names), tuple(dict.fromkeys(nested)))

    @hint_kind("columns of context left out on purpose")
    def leaving_out(self, job: DatasetJob) -> str:
        """Return the command that leaves the columns out on purpose."""
        more = [(name, None) for name in self.names]
        return job.command_with(column_map=extended(job.conversion.column_map, more))

    @hint_kind("columns of context joined to what they belong to")
    def joining(
        self, job: DatasetJob, plan: ConversionPlan, records: Sequence[Record] = ()
    ) -> str | None:
        """Return the command that joins them to what they belong to.

        Returns:
            ``None`` where they cannot be joined, or no row at hand would be kept.
        """
        if self.nested or plan.rewrite is not None:
            return None
        more = with_context(job.schema, (), self.names)
        joined = {name for pair in more for name in sources_of(pair)}
        chat = any(column.name in joined and column.strategy for column in plan.columns)
        if chat or not joined.issuperset(self.names) or not keeps_rows(job, records, more):
            return None
        return job.command_with(column_map=extended(job.conversion.column_map, more))


def lost_context_error(
    job: DatasetJob, plan: ConversionPlan, errors: Sequence[RowError], records: Sequence[Record]
) -> MlccError | None:
    """Return the error for columns of context with text in the first rows, if there are any."""
    lost = Lost.of(errors)
    if not lost.names:
        return None
    first = next(error for error in errors if error.column == lost.names[0])
    joining, leaving_out = lost.joining(job, plan, records), lost.leaving_out(job)
    shown = ", ".join(map(repr, lost.names))
    several = len(lost.names) > 1
    return MlccError(
        f"Column{'s' * several} {shown} {'have' if several else 'has'} text that would not be "
        f"written: {first.row_place}.",
        where="--dataset",
        hint=joining or leaving_out,
        detail=(
            (f"To leave {'them' if several else 'it'} out on purpose: {leaving_out}",)
            if joining
            else (f"{'They' if several else 'It'} cannot be joined to text. Without:",)
        ),
    )


def mend_of(job: DatasetJob, plan: ConversionPlan, errors: Sequence[RowError]) -> str | None:
    """Return the command for columns of context with text, where the leading error is of one."""
    first = next((error for error in errors if not error.misfit), None)
    if first is None or not Lost.of([first]).names:
        return None
    lost = Lost.of(errors)
    return lost.joining(job, plan) or lost.leaving_out(job)


def context_warnings(
    job: DatasetJob, plan: ConversionPlan, errors: Iterable[RowError]
) -> Iterator[str]:
    """Yield the commands for columns of context with text in some of the rows."""
    lost = Lost.of(errors)
    if lost.names:
        shown = " and ".join(map(repr, lost.names))
        joining = lost.joining(job, plan)
        if joining is not None:
            yield f"To make {shown} a part of each row:\n{joining}"
        yield f"To leave {shown} out on purpose:\n{lost.leaving_out(job)}"


def silent_notes(plan: ConversionPlan, dropped: Iterable[str]) -> Iterator[str]:
    """Yield a note on columns of context in which no row had text of its own.

    Args:
        plan: of the conversion.
        dropped: the columns that were not written.
    """
    silent = [repr(name) for name in dropped if plan.watches(name) and name not in plan.left_out]
    if silent:
        names = ", ".join(silent)
        yield (
            f"Column {names} has no text that the rows lack"
            if len(silent) == 1
            else f"Columns {names} have no text that the rows lack"
        )
