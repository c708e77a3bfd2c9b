"""The answering of a platform in memory."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from mlcc_core.contract.job import Output
from mlcc_core.contract.metric import Need
from mlcc_core.contract.platform.answering import (
    Answer,
    Answering,
    AnswerSession,
    AskingPlan,
    Passage,
    Prompt,
    Subject,
)
from mlcc_core.contract.platform.benchmark import Benchmark, BenchmarkAnswer
from mlcc_core.contract.platform.chatting import (
    GREEDY,
    ChatSession,
    Piece,
    ReplyEnd,
    Sampling,
    ServerCommand,
    ServerPlan,
)
from mlcc_core.contract.platform.values import Adapter, Context
from mlcc_core.testing.faults import Faults


class FakeAnswering(Faults, Answering):
    """Answers by a rule of a test; ``fail`` and ``calls`` come from ``Faults``.

    Attributes:
        models: what :meth:`find_subject` finds, beside those that a test adds.
        adapters: what is deployed, by name; a platform's own, where it serves.
        reply: the rule of replies: the subject's title and the last message of a prompt.
        probability: the rule of log-probabilities: the subject's title and the reply.
        reward: the rule of rewards: the row and the reply.
        judge: the rule of a judge: the question; ``None`` refuses it.
        judge_mark: the rule of a judge's fingerprint: its name.
        benchmarks: that there are, by name.
        value: the rule of a benchmark's values: the subject's title and the document's place.
        without: why a need cannot be had, by need.
        notices: lines before anything is asked.
        plans: of which notice was taken, in order.
        asked: what was answered, in order: the subject's title (or ``reward``, ``judge``) and the
            last message of the prompt, the reply, or the question.
        opened: titles of the subjects of each session.
        prepared: titles of the subjects that conversations made ready, in order.
        chatted: prompts of conversations and how their replies were chosen, in order.
        server: the rule of a server of its own: the plan; ``None`` has none.
        pause: seconds that each answer takes.
        break_after: answers after which an error is raised once: count and error.
    """

    def __init__(self) -> None:
        super().__init__()
        self.models: set[str] = {"fake-model", "other-model"}
        self.adapters: dict[str, Adapter] = {}
        self.reply: Callable[[str, str], str] = lambda title, text: f"{title}: {text}"
        self.probability: Callable[[str, str], tuple[float, ...]] = lambda title, text: (
            ((-2.0 if title == "base" else -1.0),) * len(text.split())
        )
        self.reward: Callable[[Mapping[str, object], str], float | None] = lambda row, text: float(
            len(text)
        )
        self.judge: Callable[[str], str | None] = lambda question: "A"
        self.judge_mark: Callable[[str], str | None] = lambda judge: None
        self.benchmarks: dict[str, Benchmark] = {}
        self.value: Callable[[str, int], float] = lambda title, place: float(title != "base")
        self.without: dict[Need, str] = {}
        self.notices: tuple[str, ...] = ()
        self.plans: list[AskingPlan] = []
        self.asked: list[tuple[str, str]] = []
        self.opened: list[tuple[str, ...]] = []
        self.prepared: list[str] = []
        self.chatted: list[tuple[Prompt, Sampling]] = []
        self.server: Callable[[ServerPlan], ServerCommand | None] = lambda plan: None
        self.pause = 0.0
        self.break_after: tuple[int, BaseException] | None = None

    def find_subject(self, context: Context, text: str) -> Subject | None:
        with self.call("find_subject"):
            if text in self.adapters:
                there = self.adapters[text]
                found = self._subject(text, "fake-model", Output(there.kind, there.source))
                return dataclasses.replace(found, deployed=text)
            return self._subject(text, text, None) if text in self.models else None

    def base_subject(self, context: Context, model: str) -> Subject:
        with self.call("base_subject"):
            return self._subject("base", model, None)

    def run_subject(self, context: Context, job: str, model: str, output: Output) -> Subject:
        with self.call("run_subject"):
            return self._subject(job, model, output)

    def lacks(
        self, context: Context, need: Need, request: Mapping[str, object] | None = None
    ) -> str | None:
        with self.call("lacks"):
            return self.without.get(need)

    def find_benchmark(self, context: Context, name: str) -> Benchmark:
        with self.call("find_benchmark"):
            if name in self.benchmarks:
                return self.benchmarks[name]
            return super().find_benchmark(context, name)

    def notice(self, context: Context, plan: AskingPlan) -> Sequence[str]:
        with self.call("notice"):
            self.plans.append(plan)
            return self.notices

    @contextmanager
    def open(self, context: Context, subjects: Sequence[Subject]) -> Iterator[AnswerSession]:
        with self.call("open"):
            self.opened.append(tuple(subject.title for subject in subjects))
            yield FakeAnswerSession(self)

    @contextmanager
    def open_chat(self, context: Context, subjects: Sequence[Subject]) -> Iterator[ChatSession]:
        with self.call("open_chat"):
            session = FakeChatSession(self)
            for subject in subjects:
                session.prepare(subject)
            yield session

    def server_command(self, context: Context, plan: ServerPlan) -> ServerCommand | None:
        with self.call("server_command"):
            return self.server(plan)

    def take(self, who: str, text: str) -> None:
        """Note an answer, which takes its time and may be the last before an error."""
        if self.break_after is not None:
            left, error = self.break_after
            if left == 0:
                self.break_after = None
                raise error
            self.break_after = left - 1, error
        time.sleep(self.pause)
        self.asked.append((who, text))

    @staticmethod
    def _subject(title: str, model: str, output: Output | None) -> Subject:
        mark = hashlib.sha256(f"{model} {output}".encode()).hexdigest()
        return Subject(title, model, mark, output)


class FakeAnswerSession(AnswerSession):
    """A session of :class:`FakeAnswering`: the last prompt of a batch is answered first."""

    def __init__(self, answering: FakeAnswering) -> None:
        self._fake = answering

    def replies(
        self, subject: Subject, prompts: Sequence[Prompt], max_new_tokens: int
    ) -> Iterator[tuple[int, Answer]]:
        with self._fake.call("replies"):
            for position in reversed(range(len(prompts))):
                text = _text(prompts[position].messages)
                self._fake.take(subject.title, text)
                words = self._fake.reply(subject.title, text).split(" ")
                reply = " ".join(words[:max_new_tokens])
                yield position, Answer(reply, len(words), len(words) <= max_new_tokens)

    def log_probabilities(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> Iterator[tuple[int, tuple[float, ...]]]:
        with self._fake.call("log_probabilities"):
            for position, passage in enumerate(passages):
                self._fake.take(subject.title, passage.reply)
                yield position, self._fake.probability(subject.title, passage.reply)

    def rewards(
        self,
        request: Mapping[str, object],
        rows: Sequence[Mapping[str, object]],
        replies: Sequence[str],
    ) -> Iterator[tuple[int, float | None]]:
        with self._fake.call("rewards"):
            for position, (row, reply) in enumerate(zip(rows, replies, strict=True)):
                self._fake.take("reward", reply)
                yield position, self._fake.reward(row, reply)

    def judge_fingerprint(self, judge: str) -> str | None:
        with self._fake.call("judge_fingerprint"):
            return self._fake.judge_mark(judge)

    def judgements(self, judge: str, questions: Sequence[str]) -> Iterator[tuple[int, str | None]]:
        with self._fake.call("judgements"):
            for position, question in enumerate(questions):
                self._fake.take("judge", question)
                yield position, self._fake.judge(question)

    def benchmark(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> Iterator[tuple[int, BenchmarkAnswer]]:
        with self._fake.call("benchmark"):
            for position, place in enumerate(documents):
                self._fake.take(subject.title, benchmark.documents[place])
                value = self._fake.value(subject.title, place)
                yield position, BenchmarkAnswer(value, f"document {place}", "yes", f"{value:g}")


class FakeChatSession(ChatSession):
    """Conversations of :class:`FakeAnswering`: a reply comes word by word."""

    def __init__(self, answering: FakeAnswering) -> None:
        self._fake = answering

    def prepare(self, subject: Subject) -> None:
        with self._fake.call("prepare"):
            self._fake.prepared.append(subject.title)

    def reply(
        self,
        subject: Subject,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        prompted_as: Subject | None = None,
    ) -> Iterator[Piece | ReplyEnd]:
        with self._fake.call("reply"):
            text = _text(prompt.messages)
            self._fake.take(subject.title, text)
            self._fake.chatted.append((prompt, sampling))
            said = self._fake.reply(subject.title, text)
            for stop in sampling.stop:
                said = said.partition(stop)[0]
            words = said.split(" ")
            taken = words[: sampling.max_new_tokens]
            for place, word in enumerate(taken):
                yield Piece(word if place == 0 else f" {word}")
            asked = sum(len(str(each.get("content")).split()) for each in prompt.messages)
            yield ReplyEnd(len(taken) == len(words), len(taken), asked)


def _text(messages: Sequence[Mapping[str, object]]) -> str:
    return str(messages[-1].get("content", "")) if messages else ""
