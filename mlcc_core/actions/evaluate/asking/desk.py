"""The models of an evaluation, asked for all that is not stored yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, Self, TypeVar

from pydantic import JsonValue

from mlcc_core.actions.evaluate.asking.answer_store import AnswerStore, Shard
from mlcc_core.actions.evaluate.asking.asker import Asker
from mlcc_core.actions.evaluate.asking.questions import in_turn, key_of, missing_of
from mlcc_core.actions.evaluate.targets import Match
from mlcc_core.actions.session import Session
from mlcc_core.actions.tune.reporter import Reporter
from mlcc_core.contract.platform.answering import Answer, AnswerSession, Passage, Prompt, Subject
from mlcc_core.contract.platform.benchmark import Benchmark, BenchmarkAnswer
from mlcc_core.helpers.text import plural, shown_address

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
    """

    def __init__(
        self, session: Session, matches: Sequence[Match], store: AnswerStore, reporter: Reporter
    ) -> None:
        self._place = matches[0]
        self._subjects = tuple(dict.fromkeys(s for match in matches for s in match.subjects))
        self._store = store
        self._reporter = reporter
        platform = self._place.platform.name
        names = session.plugins.versions(("platform", platform)).items()
        who = next((f"{name} ({origin})" for name, origin in names), f"platform {platform}")
        self._asker = Asker(who, reporter)
        self._stack = ExitStack()
        self._open: AnswerSession | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._stack.__exit__(*error)

    @property
    def added(self) -> int:
        """Return how many answers were asked and stored."""
        return self._asker.added

    def missing_replies(
        self, subject: Subject, prompts: Sequence[Prompt], length: int
    ) -> tuple[list[Prompt], int]:
        """Return the prompts without a stored reply, each once, and how many have one."""
        return missing_of(self._replies(subject, length), prompts)

    def missing_passages(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> tuple[list[Passage], int]:
        """Return the passages without stored log-probabilities, each once; and how many have."""
        return missing_of(self._probabilities(subject), passages)

    def missing_rewards(
        self,
        request: Mapping[str, object],
        subject: Subject,
        rows: Sequence[Mapping[str, object]],
        prompts: Sequence[Prompt],
        length: int,
    ) -> tuple[int, int]:
        """Return how many replies to the prompts of rows have no stored reward, and how many have.

        A reply that is not there yet has none.
        """
        replies, rewards = self._replies(subject, length), self._rewards(request)
        known = sum(
            key in replies and key_of((row, _mapping(replies[key]).get("text"))) in rewards
            for row, key in zip(rows, map(key_of, prompts), strict=True)
        )
        return len(rows) - known, known

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
            self._asker.stored(
                self._replies(subject, length),
                list(map(key_of, some)),
                self._session.replies(subject, some, length),
                asdict,
            )
            for subject, some in asked
        ]
        what = f"Asking {' and '.join(subject.title for subject, _ in asked)}"
        count = sum(len(some) for _, some in asked)
        for done, _ in enumerate(in_turn(streams), start=1):
            self._reporter.asking(what, done, count)

    def replies(self, subject: Subject, prompts: Sequence[Prompt], length: int) -> list[Answer]:
        """Return a reply to each prompt, of so many tokens at most."""
        return self._asker.all(
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
        return self._asker.all(
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
        """Return the reward of each reply, by the evaluator in the request of a run.

        A reply that gets none is ``None``, which is not stored.
        """
        found = self._asker.each(
            "Scoring replies",
            self._rewards(request),
            list(zip(rows, replies, strict=True)),
            lambda missing: self._session.rewards(request, *map(list, zip(*missing, strict=True))),
            float,
            lambda value: float(str(value)),
        )
        if lacking := found.count(None):
            self._reporter.say(
                f"⚠️  {lacking:,} of {plural(len(found), 'reply', 'replies')} got no reward: the "
                "same command scores them again."
            )
        return found

    def judgements(self, judge: str, questions: Sequence[str]) -> list[str | None]:
        """Return the judge's answer to each question.

        ``None`` stands for a question that it refused, which is not stored. Nothing is stored of a
        judge that cannot be told apart from another one under its name.
        """
        shown, mark = shown_address(judge), self._session.judge_fingerprint(judge)
        if mark is None:
            self._reporter.say(
                f"ℹ️  Answers of the judge {shown} are not stored: another model may have its name "
                "the next time."
            )
        found = self._asker.each(
            f"Asking the judge {shown}",
            self._shard("judgements", mark or judge, stored=mark is not None),
            questions,
            lambda missing: self._session.judgements(judge, missing),
            str,
            str,
        )
        if lacking := found.count(None):
            self._reporter.say(
                f"⚠️  {lacking:,} of {plural(len(found), 'question')} got no answer of the judge: "
                "the same command asks them again."
            )
        return found

    def benchmark(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> list[BenchmarkAnswer]:
        """Return the answer to each of some documents of a benchmark."""
        places = {benchmark.documents[place]: place for place in documents}
        return self._asker.all(
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
        return len(missing_of(shard, asked)[0])

    def _benchmark(self, subject: Subject, benchmark: Benchmark) -> Shard:
        return self._shard("benchmark", subject.fingerprint, benchmark.fingerprint)

    def _replies(self, subject: Subject, length: int) -> Shard:
        return self._shard("replies", subject.fingerprint, length)

    def _probabilities(self, subject: Subject) -> Shard:
        return self._shard("log-probabilities", subject.fingerprint)

    def _rewards(self, request: Mapping[str, object]) -> Shard:
        return self._shard("rewards", request)

    def _shard(self, kind: str, *by: object, stored: bool = True) -> Shard:
        """Return the answers of one kind that this platform gave."""
        return self._store.shard(kind, self._place.platform.name, *by, stored=stored)

    @property
    def _session(self) -> AnswerSession:
        if self._open is None:
            place = self._place
            with self._reporter.working("Making the models ready"):
                opened = place.answering.open(place.context, self._subjects)
                self._open = self._stack.enter_context(opened)
        return self._open


def _mapping(value: JsonValue) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"text": str(value)}


def _list(value: JsonValue) -> list[Any]:
    return value if isinstance(value, list) else []
