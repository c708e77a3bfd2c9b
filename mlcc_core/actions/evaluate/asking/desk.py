"""The models of an evaluation, asked for all that is not stored yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, Self, TypeVar

from pydantic import JsonValue

from mlcc_core.actions.evaluate.asking.answer_store import AnswerStore, Shard
from mlcc_core.actions.evaluate.rows.samples import content_hash
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.answering import Answer, AnswerSession, Passage, Prompt, Subject
from mlcc_core.contract.platform.benchmark import Benchmark, BenchmarkAnswer
from mlcc_core.errors import PluginError
from mlcc_core.helpers.text import plural

Q = TypeVar("Q")
A = TypeVar("A")


class Desk:
    """Answers questions about models: from the store, else by the models themselves.

    A context manager; models are made ready when the first question needs them, once for all
    matches.

    Args:
        session: the project and its plugins.
        matches: whose models are asked, all on one platform.
        store: of the answers.
        reporter: takes the progress.

    Attributes:
        added: answers that were asked and stored.
    """

    def __init__(
        self, session: Session, matches: Sequence[Match], store: AnswerStore, reporter: Reporter
    ) -> None:
        self.added = 0
        self._place = matches[0]
        self._subjects = tuple(dict.fromkeys(s for match in matches for s in match.subjects))
        self._store = store
        self._reporter = reporter
        self._plugin = session.plugins.versions(("platform", self._place.platform.name))
        self._stack = ExitStack()
        self._open: AnswerSession | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._stack.__exit__(*error)

    def missing_replies(
        self, subject: Subject, prompts: Sequence[Prompt], length: int
    ) -> tuple[list[Prompt], int]:
        """Return the prompts without a stored reply, each once, and how many have one."""
        return _missing(self._replies(subject, length), prompts)

    def missing_passages(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> tuple[list[Passage], int]:
        """Return the passages without stored log-probabilities, each once; and how many have."""
        return _missing(self._probabilities(subject), passages)

    def ask_at_once(
        self, subjects: Sequence[Subject], prompts: Sequence[Prompt], length: int
    ) -> None:
        """Ask models at the same time for the replies that are missing, where the platform can."""
        missing = {
            each.fingerprint: (each, self.missing_replies(each, prompts, length)[0])
            for each in subjects
        }
        asked = [(subject, some) for subject, some in missing.values() if some]
        if len(asked) < 2 or not self._session.at_once:
            return
        streams = [
            self._stored(
                self._replies(subject, length),
                list(map(_key, some)),
                self._session.replies(subject, some, length),
                asdict,
            )
            for subject, some in asked
        ]
        what = f"Asking {' and '.join(subject.title for subject, _ in asked)}"
        count = sum(len(some) for _, some in asked)
        for done, _ in enumerate(_in_turn(streams), start=1):
            self._reporter.asking(what, done, count)

    def replies(self, subject: Subject, prompts: Sequence[Prompt], length: int) -> list[Answer]:
        """Return a reply to each prompt, of so many tokens at most."""
        return self._all(
            f"Asking {subject.title}",
            self._replies(subject, length),
            prompts,
            lambda missing: self._session.replies(subject, missing, length),
            asdict,
            lambda value: Answer(**_mapping(value)),
        )

    def log_probabilities(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> list[tuple[float, ...]]:
        """Return the log-probabilities of the tokens of each reply."""
        return self._all(
            f"Reading with {subject.title}",
            self._probabilities(subject),
            passages,
            lambda missing: self._session.log_probabilities(subject, missing),
            list,
            lambda value: tuple(map(float, _list(value))),
        )

    def rewards(
        self,
        request: Mapping[str, object],
        rows: Sequence[Mapping[str, object]],
        replies: Sequence[str],
    ) -> list[float | None]:
        """Return the reward of each reply, by the evaluator in the request of a run."""
        return self._all(
            "Scoring replies",
            self._store.shard("rewards", request),
            list(zip(rows, replies, strict=True)),
            lambda missing: self._session.rewards(request, *map(list, zip(*missing, strict=True))),
            lambda reward: reward,
            lambda value: None if value is None else float(str(value)),
        )

    def judgements(self, judge: str, questions: Sequence[str]) -> list[str]:
        """Return the judge's answer to each question."""
        return self._all(
            f"Asking the judge {judge}",
            self._store.shard("judgements", judge),
            questions,
            lambda missing: self._session.judgements(judge, missing),
            str,
            str,
        )

    def benchmark(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> list[BenchmarkAnswer]:
        """Return the answer to each of some documents of a benchmark."""
        places = {benchmark.documents[place]: place for place in documents}
        return self._all(
            f"Asking {subject.title}",
            self._benchmark(subject, benchmark),
            [benchmark.documents[place] for place in documents],
            lambda missing: self._session.benchmark(
                subject, benchmark, [places[document] for document in missing]
            ),
            asdict,
            lambda value: BenchmarkAnswer(**_mapping(value)),
        )

    def missing_documents(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> int:
        """Return how many documents have no stored answer."""
        shard = self._benchmark(subject, benchmark)
        asked = [benchmark.documents[place] for place in documents]
        return len(_missing(shard, asked)[0])

    def _benchmark(self, subject: Subject, benchmark: Benchmark) -> Shard:
        return self._store.shard("benchmark", subject.fingerprint, benchmark.fingerprint)

    def _replies(self, subject: Subject, length: int) -> Shard:
        return self._store.shard("replies", subject.fingerprint, length)

    def _probabilities(self, subject: Subject) -> Shard:
        return self._store.shard("log-probabilities", subject.fingerprint)

    @property
    def _session(self) -> AnswerSession:
        if self._open is None:
            place = self._place
            with self._reporter.working("Making the models ready"):
                opened = place.answering.open(place.context, self._subjects)
                self._open = self._stack.enter_context(opened)
        return self._open

    def _all(
        self,
        what: str,
        shard: Shard,
        questions: Sequence[Q],
        ask: Callable[[Sequence[Q]], Iterator[tuple[int, A]]],
        encode: Callable[[A], JsonValue],
        decode: Callable[[JsonValue], A],
    ) -> list[A]:
        """Return all answers; those that are missing are asked, and each is stored as it comes."""
        keys = list(map(_key, questions))
        questions_of = dict(zip(keys, questions, strict=True))
        missing = {key: each for key, each in questions_of.items() if key not in shard}
        if missing:
            answers = ask(list(missing.values()))
            for done in self._stored(shard, list(missing), answers, encode):
                self._reporter.asking(what, done, len(missing))
        return [decode(shard[key]) for key in keys]

    def _stored(
        self,
        shard: Shard,
        keys: Sequence[str],
        answers: Iterator[tuple[int, A]],
        encode: Callable[[A], JsonValue],
    ) -> Iterator[int]:
        """Store answers as they come, under the keys of their questions; yield how many so far."""
        waiting = dict(enumerate(keys))
        count = len(waiting)
        for position, answer in answers:
            if position not in waiting:
                raise self._fault(f"answered question {position} of {count} twice or unasked")
            shard.add(waiting.pop(position), encode(answer))
            self.added += 1
            yield count - len(waiting)
        if waiting:
            raise self._fault(f"left {plural(len(waiting), 'question')} of {count} unanswered")

    def _fault(self, why: str) -> PluginError:
        names = [f"{name} ({origin})" for name, origin in self._plugin.items()]
        who = names[0] if names else f"platform {self._place.platform.name}"
        return PluginError(f"{who[:1].upper()}{who[1:]} {why}.")


def _in_turn(streams: Sequence[Iterator[Q]]) -> Iterator[Q]:
    """Yield an item of each stream in turn, as long as it has any."""
    left = list(streams)
    while left:
        for stream in tuple(left):
            try:
                yield next(stream)
            except StopIteration:
                left.remove(stream)


def _missing(shard: Shard, questions: Sequence[Q]) -> tuple[list[Q], int]:
    known = {_key(question): question for question in questions}
    missing = [question for key, question in known.items() if key not in shard]
    return missing, len(known) - len(missing)


def _key(question: object) -> str:
    """Return the hash of a question, whatever its kind."""
    if isinstance(question, Passage):
        return content_hash([asdict(question.prompt), question.reply])
    return content_hash(asdict(question) if isinstance(question, Prompt) else question)


def _mapping(value: JsonValue) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"text": str(value)}


def _list(value: JsonValue) -> list[Any]:
    return value if isinstance(value, list) else []
