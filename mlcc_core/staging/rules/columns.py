"""Column names: whether a map fits a file, and likely other names of a missing column."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind
from mlcc_core.helpers.names import close_matches
from mlcc_core.staging.model.column_map import Pair, sources_of
from mlcc_core.staging.model.hints import file_word, new_file, written_to
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.roles import RoleRules

if TYPE_CHECKING:
    from mlcc_core.staging.model.file_preview import FilePreview

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


def map_problems(job: DatasetJob, file: FilePreview) -> list[MlccError]:
    """List the errors of the column map for a file; the hint of each mends all."""
    name, names = file.file.name, file.source_columns
    pairs = job.conversion.column_map
    if pairs and all(_is_turned(job, pair, names) for pair in pairs):
        return [_turned_map(job, name, names)]
    asked = [name for pair in pairs for name in sources_of(pair) if name not in names]
    holders = _structures(file, asked)
    # A structure has a name like that of what it holds, and is not meant in its place.
    mended = _Mended.of(pairs, names, [each for each in names if each not in holders])
    hint: str | None = job.command_with(column_map=mended.pairs)
    detail = (f"Columns: {', '.join(names)}",)
    problems: list[MlccError] = []
    if mended.unknown:
        what = _unknown_sources(mended, name, holders)
        if holders and not mended.meant:
            hint = _flat(job, file, holders)
        problems.append(MlccError(what, where="--column-map", hint=hint, detail=detail))
    for pair in _clashing(pairs, names):
        shown = " and ".join(map(repr, sources_of(pair)))
        verb = "renamed" if isinstance(pair[0], str) else "joined"
        what = (
            f"Column{'s' * (verb == 'joined')} {shown} cannot be {verb} to {pair[1]!r}: "
            f"{name} has a column {pair[1]!r} already."
        )
        problems.append(MlccError(what, where="--column-map", hint=hint, detail=detail))
    return problems


def _clashing(pairs: Sequence[Pair], names: Sequence[str]) -> list[Pair]:
    """Return the entries of known columns whose target is a column that stays."""
    sources = {name for pair in pairs for name in sources_of(pair)}
    return [
        pair
        for pair in pairs
        if pair[1] in names and pair[1] not in sources and {*sources_of(pair)} <= {*names}
    ]


def _is_turned(job: DatasetJob, pair: Pair, names: Sequence[str]) -> bool:
    """Return whether an entry names the technique's column where the file's belongs."""
    source, target = pair
    required = isinstance(source, str) and job.schema.column(source) is not None
    return required and source not in names and target in names


def _turned_map(job: DatasetJob, file: str, names: Sequence[str]) -> MlccError:
    pairs = job.conversion.column_map
    turned = tuple(
        (target, source) for source, target in pairs if target and isinstance(source, str)
    )
    found, wanted = turned[0]
    return MlccError(
        f"The column map is the wrong way round: {file} has a column {found!r}, not {wanted!r}.",
        where="--column-map",
        hint=job.command_with(column_map=turned),
        detail=(f"Columns: {', '.join(names)}",),
    )


@dataclass(frozen=True)
class _Mended:
    """A column map whose wrong entries are mended.

    Attributes:
        pairs: its entries; one without a column that is likely meant is left out.
        unknown: the sources that no column has.
        meant: for some of them, the columns that are likely meant, best first.
    """

    pairs: tuple[Pair, ...]
    unknown: tuple[str, ...]
    meant: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, pairs: Sequence[Pair], names: Sequence[str], likely: Iterable[str]) -> _Mended:
        """Mend a map for a file with columns, of which some may be meant where there is none."""
        free = [name for name in likely if not any(name in sources_of(pair) for pair in pairs)]
        mended: list[Pair] = []
        unknown: list[str] = []
        meant: dict[str, Sequence[str]] = {}
        for pair in pairs:
            sources, whole = sources_of(pair), "+".join(sources_of(pair))
            missing = [name for name in sources if name not in names]
            if missing and whole in names:
                unknown.append(missing[0])
                meant[missing[0]] = [whole]  # its plus sign belongs to the name
                mended.append((whole, pair[1]))
                continue
            unknown += missing
            for name in missing:
                if close := close_matches(name, free):
                    meant[name] = close
                    free.remove(close[0])
            kept = [meant[name][0] if name in meant else name for name in sources]
            kept = [name for name in kept if name in names]
            if kept:
                mended.append((kept[0] if len(kept) == 1 else tuple(kept), pair[1]))
        mended += [(pair[1], None) for pair in _clashing(mended, names) if pair[1] is not None]
        return cls(tuple(mended), tuple(unknown), meant)


def _unknown_sources(mended: _Mended, file: str, holders: Mapping[str, Sequence[str]]) -> str:
    shown = _listed(mended.unknown)
    several = len(mended.unknown) > 1
    what = (
        f"Unknown columns {shown} in the column map: {file} has no such columns."
        if several
        else f"Unknown column {shown} in the column map: {file} has no such column."
    )
    for name, within in holders.items():
        what += f" Column {name!r} is a structure that holds {_listed(within)}."
    if several:
        first = [mended.meant[name][0] for name in mended.unknown if name in mended.meant]
        return what + (f" Did you mean {_listed(first)}?" if first else "")
    close = mended.meant.get(mended.unknown[0], ())
    return what + (f" Did you mean {' or '.join(map(repr, close))}?" if close else "")


def _listed(names: Sequence[str]) -> str:
    *others, last = map(repr, names)
    return f"{', '.join(others)} and {last}" if others else last


def _structures(file: FilePreview, unknown: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns that are structures in which unknown columns were looked for."""
    found: dict[str, list[str]] = {}
    if file.schema is not None:
        for column in file.schema:
            if str(column.type).startswith("struct<"):
                found[column.name] = [inner.name for inner in column.type]
    for record in file.records[:1] if file.schema is None else ():
        found |= {key: list(value) for key, value in record.items() if isinstance(value, dict)}
    return {
        name: within
        for name, within in found.items()
        if within and any(one in within or one.startswith(f"{name}.") for one in unknown)
    }


@hint_kind("columns made of what a structure holds")
def _flat(job: DatasetJob, file: FilePreview, holders: Mapping[str, Sequence[str]]) -> str | None:
    """Return the command that writes a file with what structures hold as columns of its own."""
    name, to = file.file.name, new_file(file.file.name, "flat")
    within = [inner for names in holders.values() for inner in names]
    apart = len({*within, *file.source_columns} - {*holders}) == (
        len(within) + len(file.source_columns) - len(holders)
    )
    if apart and file.file.format == "parquet":
        read = "pl.read_parquet(sys.argv[1]).unnest(sys.argv[3:])"
        program = f"import sys, polars as pl; {read}.write_parquet(sys.argv[2])"
        words = f"{file_word(job.listing, name)} {to} {' '.join(map(shlex.quote, holders))}"
        # This Python has Polars; the first one on the PATH may be another.
        return f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {words}   # then name {to}"
    if apart and file.command:
        keys = [f".[{json.dumps(key, ensure_ascii=False)}]" for key in holders]
        program = f"{' + '.join(['.', *keys])} | del({', '.join(keys)})"
        each = f".[] | {program}" if file.file.format == "json" else program
        return written_to(f"{file.command} | jq -c {shlex.quote(each)}", to)
    return job.check_hint()


def likely_source(column: Column, names: Sequence[str]) -> str | None:
    """Return the one of ``names`` that probably holds the values of ``column``, if any.

    The other names that the technique itself gives the column come before those of published ones.
    """
    folded = {name.casefold(): name for name in names}
    known = SYNONYMS.get(column.name, ())
    if "messages" in column.types or "conversation" in column.types:
        talks = ("messages", *SYNONYMS["messages"])
        # Whole conversations end with an answer, which some prompts must not.
        answered = column.messages is not None and not RoleRules.of(column.messages).fits_last(
            "assistant"
        )
        alone = tuple(name for name in known if name not in talks)
        known = (*alone, *talks) if answered else (*talks, *known)
    known = (*column.also, *known)
    for candidate in (column.name, *known):
        if candidate.casefold() in folded and folded[candidate.casefold()] != column.name:
            return folded[candidate.casefold()]
    close = close_matches(column.name, names)
    return close[0] if close else _sentence_with((column.name, *known), names)


def in_order(
    names: Sequence[str], records: Sequence[Mapping[str, object]]
) -> tuple[tuple[str, str], ...]:
    """Return two columns of text as prompt and completion, whatever they are called.

    Args:
        names: the file's columns; nothing is said about more or fewer than two.
        records: the first ones; a value that is not text says that the columns are others.

    Example:
        >>> in_order(["Frage", "Antwort"], [{"Frage": "Wo?", "Antwort": "Hier."}])
        (('Frage', 'prompt'), ('Antwort', 'completion'))
    """
    values = [record.get(name) for record in records for name in names]
    if len(names) != 2 or not values or not all(isinstance(value, str) for value in values):
        return ()
    return ((names[0], "prompt"), (names[1], "completion"))


def _sentence_with(words: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the first name that is a sentence with one of the words, as forms have them.

    Example:
        >>> _sentence_with(["question"], ["Timestamp", "What is the question, in one line?"])
        'What is the question, in one line?'
    """
    sentences = {
        name: {word.strip(",;:.?!").casefold() for word in name.split()}
        for name in names
        if len(name.split()) > 2
    }
    return next((name for word in words for name in sentences if word in sentences[name]), None)


def lacking(job: DatasetJob, names: Sequence[str]) -> list[Column]:
    """Return the required columns that are not among ``names``."""
    return [
        column
        for column in job.schema.required
        if column.name not in names and not (column.evaluator and job.evaluator_given)
    ]
