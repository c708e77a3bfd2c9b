"""Questions by their content: equal ones are asked once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TypeVar

from mlcc_core.actions.evaluate.asking.answer_store import Shard
from mlcc_core.actions.evaluate.rows.samples import content_hash
from mlcc_core.contract.platform.answering import Passage, Prompt

Q = TypeVar("Q")


def key_of(question: object) -> str:
    """Return the hash of a question, whatever its kind."""
    if isinstance(question, Passage):
        return content_hash([asdict(question.prompt), question.reply])
    return content_hash(asdict(question) if isinstance(question, Prompt) else question)


def missing_of(shard: Shard, questions: Sequence[Q]) -> tuple[list[Q], int]:
    """Return the questions without an answer, each once, and how many have one."""
    known = {key_of(question): question for question in questions}
    missing = [question for key, question in known.items() if key not in shard]
    return missing, len(known) - len(missing)


def in_turn(streams: Sequence[Iterator[Q]]) -> Iterator[Q]:
    """Yield an item of each stream in turn, as long as it has any."""
    left = list(streams)
    while left:
        for stream in tuple(left):
            try:
                yield next(stream)
            except StopIteration:
                left.remove(stream)
