"""Column names: the map that renames them, and likely other names of a missing one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.staging.model.request import DatasetJob

EXAMPLE = '--column-map "input:prompt,output:completion"'

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "prompt": (
        *("instruction", "question", "query", "problem", "input", "user", "human", "task"),
        *("request", "prompt_text", "inputs", "source", "conversations", "conversation"),
    ),
    "completion": (
        *("output", "response", "answer", "completions", "solution", "target", "reply"),
        *("assistant", "gpt", "generation", "outputs", "targets", "answers", "chosen"),
    ),
    "chosen": (
        *("chosen_response", "chosen_messages", "preferred", "accepted", "response_chosen"),
        *("response_j", "better", "winner", "positive"),
    ),
    "rejected": (
        *("rejected_response", "rejected_messages", "dispreferred", "refused"),
        *("response_rejected", "response_k", "worse", "loser", "negative"),
    ),
    "messages": ("conversations", "conversation", "chat", "dialogue", "dialog", "turns"),
}
"""Names of columns in published datasets, likeliest first."""


def parse_column_map(text: str) -> tuple[tuple[str, str], ...]:
    """Parse ``source:target,source:target`` into pairs.

    Blanks around names are ignored. A name with a comma or a colon cannot be written.

    Example:
        >>> parse_column_map("input:prompt, output:completion")
        (('input', 'prompt'), ('output', 'completion'))

    Raises:
        MlccError: an empty map, a pair without source or target, a name used twice.
    """
    pairs: list[tuple[str, str]] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split(":")]
        if len(names) != 2 or not all(names):
            raise _bad_map(text, f"{part.strip()!r} is not a pair, expected source:target")
        pairs.append((names[0], names[1]))
    for side, words in ((0, "is renamed twice"), (1, "is the target of two columns")):
        seen: set[str] = set()
        for pair in pairs:
            if pair[side] in seen:
                raise _bad_map(text, f"column {pair[side]!r} {words}")
            seen.add(pair[side])
    return tuple(pairs)


def _bad_map(text: str, problem: str) -> MlccError:
    return MlccError(
        f"Column map {text!r}: {problem}.", where="--column-map", hint=f"{EXAMPLE}, for example"
    )


def renamed(names: Iterable[str], column_map: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Apply all pairs of the map to the names at once; unknown sources are ignored."""
    targets = dict(column_map)
    return tuple(targets.get(name, name) for name in names)


def map_problems(job: DatasetJob, file: str, names: Sequence[str]) -> list[MlccError]:
    """List the errors of the column map for a file with these columns."""
    problems: list[MlccError] = []
    sources = {source for source, _ in job.conversion.column_map}
    for source, target in job.conversion.column_map:
        if source not in names:
            problems.append(_unknown_source(job, source, file, names))
        elif target in names and target not in sources:
            away = (*job.conversion.column_map, (target, f"{target}_original"))
            problems.append(
                MlccError(
                    f"Column {source!r} cannot be renamed to {target!r}: {file} has a column "
                    f"{target!r} already.",
                    where="--column-map",
                    hint=job.command_with(column_map=away),
                    detail=(f"Columns: {', '.join(names)}",),
                )
            )
    return problems


def _unknown_source(job: DatasetJob, source: str, file: str, names: Sequence[str]) -> MlccError:
    close = close_matches(source, names)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    mended = tuple(
        (close[0], target) if close and name == source else (name, target)
        for name, target in job.conversion.column_map
        if close or name != source
    )
    return MlccError(
        f"Unknown column {source!r} in the column map: {file} has no such column.{meant}",
        where="--column-map",
        hint=job.command_with(column_map=mended),
        detail=(f"Columns: {', '.join(names)}",),
    )


def likely_source(column: Column, names: Sequence[str]) -> str | None:
    """Return the one of ``names`` that probably holds the values of ``column``, if any."""
    folded = {name.casefold(): name for name in names}
    known = SYNONYMS.get(column.name, ())
    if "messages" in column.types or "conversation" in column.types:
        known = ("messages", *SYNONYMS["messages"], *known)
    for candidate in (column.name, *known):
        if candidate.casefold() in folded and folded[candidate.casefold()] != column.name:
            return folded[candidate.casefold()]
    return next(iter(close_matches(column.name, names)), None)


def lacking(job: DatasetJob, names: Sequence[str]) -> list[Column]:
    """Return the required columns that are not among ``names``."""
    return [
        column
        for column in job.schema.required
        if column.name not in names and not (column.evaluator and job.evaluator_given)
    ]
