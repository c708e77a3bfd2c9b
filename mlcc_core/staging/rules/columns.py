"""Column names: the map that renames them, and what a missing one is probably called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlcc_core.contract.technique import Column
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
"""Names of columns in datasets in the wild, likeliest first."""


def parse_column_map(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of ``source:target,source:target``.

    Blanks around names do not count. A name that holds a comma or a colon cannot be written.

    Raises:
        MlccError: a pair without a source or a target, a source or a target named twice, nothing.
    """
    pairs: list[tuple[str, str]] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split(":")]
        if len(names) != 2 or not all(names):
            raise _bad_map(text, f"{part.strip()!r} is no pair, expected source:target")
        pairs.append((names[0], names[1]))
    for place, words in ((0, "is renamed twice"), (1, "is the target of two columns")):
        seen: set[str] = set()
        for pair in pairs:
            if pair[place] in seen:
                raise _bad_map(text, f"column {pair[place]!r} {words}")
            seen.add(pair[place])
    return tuple(pairs)


def _bad_map(text: str, problem: str) -> MlccError:
    return MlccError(
        f"Column map {text!r}: {problem}.", where="--column-map", hint=f"{EXAMPLE}, for example"
    )


def renamed(names: Iterable[str], column_map: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The names after all pairs of the map were applied at once; unknown sources do nothing."""
    targets = dict(column_map)
    return tuple(targets.get(name, name) for name in names)


def map_problems(job: DatasetJob, file: str, names: Sequence[str]) -> list[MlccError]:
    """List the faults of the column map for a file with these columns."""
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
    """The one of ``names`` that probably holds what ``column`` wants, if any."""
    folded = {name.casefold(): name for name in names}
    known = SYNONYMS.get(column.name, ())
    if "messages" in column.types:
        known = ("messages", *SYNONYMS["messages"], *known)
    for candidate in (column.name, *known):
        if candidate.casefold() in folded and folded[candidate.casefold()] != column.name:
            return folded[candidate.casefold()]
    return next(iter(close_matches(column.name, names)), None)


def lacking(job: DatasetJob, names: Sequence[str]) -> list[Column]:
    """The columns that every row must have and that are not among ``names``."""
    return [
        column
        for column in job.schema.required
        if column.name not in names and not (column.evaluator and job.evaluator_given)
    ]
