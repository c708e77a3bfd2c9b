"""Answering: where many rows are answered by several models, for evaluations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mlcc_core.contract.metric import Need
from mlcc_core.contract.platform.benchmark import Benchmark, BenchmarkAnswer
from mlcc_core.contract.platform.chatting import ChatSession, ServerCommand, ServerPlan
from mlcc_core.contract.platform.values import Context
from mlcc_core.errors import MlccError

if TYPE_CHECKING:
    from mlcc_core.contract.job import Output


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that an evaluation asks.

    Attributes:
        title: for people: ``base``, the name of a run, of an adapter or of a model.
        model: the base model, as ``--model`` would name it.
        output: an adapter on it, or a whole model in its place; ``None`` for the base as it is.
        deployed: the name of the deployment that is asked; ``None`` for the base, and without one.
        fingerprint: changes with the weights: answers are stored under it.
    """

    title: str
    model: str
    fingerprint: str
    output: Output | None = None
    deployed: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation that waits for a reply.

    Attributes:
        messages: each with ``role`` and ``content``, and what else the row's have.
        tools: that the reply may call, as the row has them.
    """

    messages: tuple[Mapping[str, object], ...]
    tools: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A prompt and the reply to it that the dataset holds.

    Attributes:
        prompt, reply: a conversation, and the text that goes on with it.
    """

    prompt: Prompt
    reply: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of a model.

    Attributes:
        text: without the template's marks and without thoughts.
        tokens: how many; ``None`` where the platform does not tell.
        ended: the model ended it by itself; ``None`` where the platform does not tell.
    """

    text: str
    tokens: int | None = None
    ended: bool | None = None


@dataclass(frozen=True, slots=True)
class AskingPlan:
    """The work of an evaluation, before anything is asked; stored answers are left out.

    Attributes:
        subjects: the models.
        replies: answers that are to be generated, over all subjects.
        passages: replies of the dataset whose log-probabilities are to be computed.
        max_new_tokens: of an answer.
        characters: of all prompts of ``replies``.
        scored: replies that are to be scored by the evaluator of a run, over all subjects.
        judged: rows whose replies a judge is to compare, each in two questions as a rule.
    """

    subjects: tuple[Subject, ...]
    replies: int
    passages: int
    max_new_tokens: int
    characters: int
    scored: int = 0
    judged: int = 0


class AnswerSession(ABC):
    """Models that are ready to be asked. Each method yields results as they come, by position.

    Attributes:
        at_once: several models answer at the same time: :meth:`replies` begins when it is called,
            and is called for all of them before its results are taken, in turn.
    """

    at_once: ClassVar[bool] = False

    @abstractmethod
    def replies(
        self, subject: Subject, prompts: Sequence[Prompt], max_new_tokens: int
    ) -> Iterator[tuple[int, Answer]]:
        """Yield the most likely reply to each prompt (greedy), with the prompt's position.

        A prompt may be answered in any order, each once.

        Raises:
            MlccError: the model cannot answer a prompt; what was yielded before is kept.
            PlatformError: it cannot be asked any more.
        """

    def log_probabilities(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> Iterator[tuple[int, tuple[float, ...]]]:
        """Yield the log-probability of each token of each reply, with the passage's position.

        Tokens are those that a training on the passage would learn, in the model's chat template.
        """
        raise NotImplementedError  # a platform without them says so in `Answering.lacks`

    def rewards(
        self,
        request: Mapping[str, object],
        rows: Sequence[Mapping[str, object]],
        replies: Sequence[str],
    ) -> Iterator[tuple[int, float | None]]:
        """Yield the reward of each reply, by the very code or prompt that trained a run.

        ``None`` is not stored: a reply that got no reward is scored again by the next command.

        Args:
            request: the body of the run's request.
            rows: one for each reply.
            replies: as :meth:`replies` gave them.

        Raises:
            PlatformError: what scores cannot be asked any more; no reply is given ``None`` for it.
        """
        raise NotImplementedError  # a platform without them says so in `Answering.lacks`

    def judge_fingerprint(self, judge: str) -> str | None:
        """Return what changes with the answers of a judge: its weights, for instance.

        Returns:
            ``None`` for a judge that cannot be told apart from another one under its name: its
            answers are not stored.
        """
        return None

    def judgements(self, judge: str, questions: Sequence[str]) -> Iterator[tuple[int, str | None]]:
        """Yield a judge's answer to each question, with its position; ``None`` is not stored.

        Args:
            judge: as a user names it: a model or an address that the platform understands.
            questions: each a whole prompt.
        """
        raise NotImplementedError  # a platform without them says so in `Answering.lacks`

    def benchmark(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> Iterator[tuple[int, BenchmarkAnswer]]:
        """Yield the answer to each document, with its position in ``documents``.

        The answer to a document does not depend on the others that are asked.

        Args:
            subject: that is asked.
            benchmark: from :meth:`Answering.find_benchmark`.
            documents: places of documents within the benchmark.
        """
        raise NotImplementedError  # a platform without them says so in `find_benchmark`


class Answering(ABC):
    """The part of a platform that answers the rows of an evaluation."""

    @abstractmethod
    def find_subject(self, context: Context, text: str) -> Subject | None:
        """Return the model that ``text`` names; ``None`` where it names none.

        Args:
            context: the surroundings.
            text: the name of a deployed adapter or model, a path, or a model's name; ``base`` and
                names of runs are the core's to understand.

        Raises:
            MlccError: it names something that cannot be asked.
        """

    @abstractmethod
    def base_subject(self, context: Context, model: str) -> Subject:
        """Return the base model of that name, as it is."""

    def deployed_base(self, context: Context, model: str) -> Subject:
        """Return the base model that is deployed, as ``mlcc test`` asks it.

        Override it where a deployment may have put another in the place of the project's ``model``.

        Raises:
            MlccError: it is gone, or none is deployed where one must be.
        """
        return self.base_subject(context, model)

    def has_base(self, context: Context, subject: Subject) -> bool:
        """Return whether a base model can be asked beside what is deployed; it may stand alone."""
        return True

    @abstractmethod
    def run_subject(self, context: Context, job: str, model: str, output: Output) -> Subject:
        """Return the output of a run.

        Args:
            context: the surroundings.
            job: the run's name, the subject's title.
            model: its base model.
            output: what it left.

        Raises:
            MlccError: it is gone, or must be deployed first; the hint is the command.
        """

    def lacks(
        self, context: Context, need: Need, request: Mapping[str, object] | None = None
    ) -> str | None:
        """Return why an input cannot be had here, and where it can; ``None`` where it can.

        Args:
            context: the surroundings.
            need: the input.
            request: of the run that is measured, which names its evaluator; ``None`` without one.
        """
        return None

    def find_benchmark(self, context: Context, name: str) -> Benchmark:
        """Return the benchmark of that name, or in that file.

        Raises:
            MlccError: there is none, it cannot be used, or this platform runs none.
            PlatformError: its documents cannot be reached.
        """
        raise MlccError(
            "This platform runs no benchmarks.", where="--benchmark", hint="mlcc evaluate --help"
        )

    def notice(self, context: Context, plan: AskingPlan) -> Sequence[str]:
        """Return lines for the user before anything is asked: requests and tokens, for instance."""
        return ()

    @abstractmethod
    def open(
        self, context: Context, subjects: Sequence[Subject]
    ) -> AbstractContextManager[AnswerSession]:
        """Make models ready to be asked for as long as the block runs; each is loaded once.

        Raises:
            MlccError, PlatformError: they cannot be; the class says whose fault that is.
        """

    def open_chat(
        self, context: Context, subjects: Sequence[Subject]
    ) -> AbstractContextManager[ChatSession]:
        """Have conversations for as long as the block runs; each model is loaded once.

        Adapters share their base in memory, however many are asked.

        Args:
            context: the surroundings.
            subjects: made ready at once; others are when they are first asked.

        Raises:
            MlccError, PlatformError: one of them cannot be made ready.
        """
        raise MlccError(
            "This platform has no conversations.", where="--platform", hint="mlcc plugins"
        )

    def server_command(self, context: Context, plan: ServerPlan) -> ServerCommand | None:
        """Return the program that serves these models better than mlcc does; it is not started.

        Returns:
            ``None`` where there is none on this machine.

        Raises:
            MlccError: it cannot serve the base model.
        """
        return None
