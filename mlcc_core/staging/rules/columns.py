"""Column names: whether a map fits a file, and likely other names of a missing column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlcc_core.contract.technique.schema import Column
from mlcc_core.errors import MlccError
from mlcc_core.helpers.names import close_matches
from mlcc_core.staging.model.column_map import Pair, sources_of
from mlcc_core.staging.model.request import DatasetJob
from mlcc_core.staging.rules.roles import RoleRules

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


def map_problems(job: DatasetJob, file: str, names: Sequence[str]) -> list[MlccError]:
    """List the errors of the column map for a file with these columns."""
    problems: list[MlccError] = []
    pairs = job.conversion.column_map
    sources = {name for pair in pairs for name in sources_of(pair)}
    if pairs and all(_is_turned(job, pair, names) for pair in pairs):
        return [_turned_map(job, file, names)]
    for pair in pairs:
        unknown = next((name for name in sources_of(pair) if name not in names), None)
        if unknown is not None:
            problems.append(_unknown_source(job, pair, unknown, file, names))
        elif pair[1] in names and pair[1] not in sources:
            shown = " and ".join(map(repr, sources_of(pair)))
            verb = "renamed" if isinstance(pair[0], str) else "joined"
            problems.append(
                MlccError(
                    f"Column{'s' * (verb == 'joined')} {shown} cannot be {verb} to {pair[1]!r}: "
                    f"{file} has a column {pair[1]!r} already.",
                    where="--column-map",
                    hint=job.command_with(column_map=(*pairs, (pair[1], None))),
                    detail=(f"Columns: {', '.join(names)}",),
                )
            )
    return problems


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


def _unknown_source(
    job: DatasetJob, pair: Pair, source: str, file: str, names: Sequence[str]
) -> MlccError:
    whole = "+".join(sources_of(pair))
    close = [whole] if whole in names else close_matches(source, names)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return MlccError(
        f"Unknown column {source!r} in the column map: {file} has no such column.{meant}",
        where="--column-map",
        hint=job.command_with(column_map=tuple(_mended(job, pair, source, close))),
        detail=(f"Columns: {', '.join(names)}",),
    )


def _mended(job: DatasetJob, wrong: Pair, source: str, close: Sequence[str]) -> Iterator[Pair]:
    """Yield the entries of the map with a name that exists in place of one that does not."""
    for pair in job.conversion.column_map:
        if pair != wrong:
            yield pair
        elif close and close[0] == "+".join(sources_of(pair)):
            yield (close[0], pair[1])  # its plus sign belongs to the name
        else:
            mended = [close[0] if name == source else name for name in sources_of(pair) if close]
            mended = mended or [name for name in sources_of(pair) if name != source]
            if mended:
                yield (mended[0] if len(mended) == 1 else tuple(mended), pair[1])


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
