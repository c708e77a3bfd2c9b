"""Names of columns: those that a technique lacks in a file, and likely other names of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlcc_core.contract.technique.schema import Column
from mlcc_core.helpers.names import close_matches
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
