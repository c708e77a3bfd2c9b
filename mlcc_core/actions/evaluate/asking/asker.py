"""Answers that are asked for, each stored as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pydantic import JsonValue

from mlcc_core.actions.evaluate.asking.answer_store import Shard
from mlcc_core.actions.evaluate.asking.questions import key_of
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.errors import PluginError
from mlcc_core.helpers.text import plural

Q = TypeVar("Q")
A = TypeVar("A")


class Asker:
    """Fills what is missing in a shard of answers.

    Args:
        who: the distribution of the platform that answers, for errors.
        reporter: takes the progress.

    Attributes:
        added: answers that were asked and stored.
    """

    def __init__(self, who: str, reporter: Reporter) -> None:
        self.added = 0
        self._who = who
        self._reporter = reporter

    def all(
        self,
        what: str,
        shard: Shard,
        questions: Sequence[Q],
        ask: Callable[[Sequence[Q]], Iterator[tuple[int, A | None]]],
        encode: Callable[[A], JsonValue],
        decode: Callable[[JsonValue], A],
    ) -> list[A]:
        """Return all answers, each of which must be there; see :meth:`each`."""
        found = self.each(what, shard, questions, ask, encode, decode)
        answers = [answer for answer in found if answer is not None]
        if len(answers) < len(found):
            raise self._fault(f"answered {plural(len(found) - len(answers), 'question')} with None")
        return answers

    def each(
        self,
        what: str,
        shard: Shard,
        questions: Sequence[Q],
        ask: Callable[[Sequence[Q]], Iterator[tuple[int, A | None]]],
        encode: Callable[[A], JsonValue],
        decode: Callable[[JsonValue], A],
    ) -> list[A | None]:
        """Return all answers; those that are missing are asked, and each is stored as it comes.

        A question without an answer has ``None``, and is asked again by the next command.
        """
        keys = list(map(key_of, questions))
        questions_of = dict(zip(keys, questions, strict=True))
        missing = {key: each for key, each in questions_of.items() if key not in shard}
        if missing:
            answers = ask(list(missing.values()))
            for done in self.stored(shard, list(missing), answers, encode):
                self._reporter.asking(what, done, len(missing))
        return [decode(shard[key]) if key in shard else None for key in keys]

    def stored(
        self,
        shard: Shard,
        keys: Sequence[str],
        answers: Iterator[tuple[int, A | None]],
        encode: Callable[[A], JsonValue],
    ) -> Iterator[int]:
        """Store answers as they come, under the keys of their questions; yield how many so far."""
        waiting = dict(enumerate(keys))
        count = len(waiting)
        for position, answer in answers:
            if position not in waiting:
                raise self._fault(f"answered question {position} of {count} twice or unasked")
            key = waiting.pop(position)
            if answer is not None:
                shard.add(key, encode(answer))
                self.added += shard.stored
            yield count - len(waiting)
        if waiting:
            raise self._fault(f"left {plural(len(waiting), 'question')} of {count} unanswered")

    def _fault(self, why: str) -> PluginError:
        return PluginError(f"{self._who[:1].upper()}{self._who[1:]} {why}.")
