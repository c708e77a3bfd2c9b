"""Models of this machine that are ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlcc_core import (
    Answer,
    Answering,
    AnswerSession,
    Benchmark,
    BenchmarkAnswer,
    Context,
    MlccError,
    Passage,
    PlatformError,
    Prompt,
    Subject,
)
from mlcc_folders.answering import judging, rewarding
from mlcc_folders.answering.asking import Died, Process, Results
from mlcc_folders.answering.subjects import weights_of


class FolderSession(AnswerSession):
    """Asks a process of the engine, in which each model is loaded once; one question at a time.

    The code of a user's reward function runs in another process.

    Args:
        context: the surroundings.
        answering: finds a judge that is a model.
    """

    def __init__(self, context: Context, answering: Answering) -> None:
        self._context = context
        self._answering = answering
        root = context.root.resolve()
        self._models, self._scorers = Process(root), Process(root)

    def load(self, subjects: Sequence[Subject]) -> None:
        """Load models, each once.

        Raises:
            MlccError, PlatformError: one cannot be loaded.
        """
        weights = [weights_of(self._context, subject) for subject in subjects]
        for _ in self._ask("load", {"weights": weights}):
            pass

    def replies(
        self, subject: Subject, prompts: Sequence[Prompt], max_new_tokens: int
    ) -> Iterator[tuple[int, Answer]]:
        asked = {
            "weights": weights_of(self._context, subject),
            "prompts": [_prompt(prompt) for prompt in prompts],
            "longest": max_new_tokens,
        }
        for results in self._ask("replies", asked):
            for place, found in results:
                yield place, Answer(**found)

    def log_probabilities(
        self, subject: Subject, passages: Sequence[Passage]
    ) -> Iterator[tuple[int, tuple[float, ...]]]:
        asked = {
            "weights": weights_of(self._context, subject),
            "prompts": [_prompt(passage.prompt) for passage in passages],
            "replies": [passage.reply for passage in passages],
        }
        for results in self._ask("log_probabilities", asked):
            for place, found in results:
                yield place, tuple(found)

    def rewards(
        self,
        request: Mapping[str, object],
        rows: Sequence[Mapping[str, object]],
        replies: Sequence[str],
    ) -> Iterator[tuple[int, float | None]]:
        evaluator = rewarding.evaluator_of(request, self._context.root)
        return rewarding.rewards(self._scorers, evaluator, rows, replies, self._context.say)

    def judge_fingerprint(self, judge: str) -> str | None:
        return None if judging.is_address(judge) else self._judge(judge).fingerprint

    def judgements(self, judge: str, questions: Sequence[str]) -> Iterator[tuple[int, str | None]]:
        if judging.is_address(judge):
            return judging.ask_address(judge, questions, self._context.say)
        return self._ask_model(self._judge(judge), questions)

    def benchmark(
        self, subject: Subject, benchmark: Benchmark, documents: Sequence[int]
    ) -> Iterator[tuple[int, BenchmarkAnswer]]:
        asked = {
            "weights": weights_of(self._context, subject),
            "source": benchmark.source,
            "documents": list(documents),
        }
        for results in self._ask("benchmark", asked):
            for place, found in results:
                yield place, BenchmarkAnswer(**found)

    def close(self) -> None:
        """End all processes."""
        self._models.close()
        self._scorers.close()

    def _judge(self, judge: str) -> Subject:
        """Return a judge that is a model.

        Raises:
            MlccError: there is none of that name.
        """
        subject = self._answering.find_subject(self._context, judge)
        if subject is None:
            raise MlccError(
                f"The judge {judge!r} is neither a model nor an address.",
                where=judging.FLAG,
                hint=f"pass {judging.FLAG} ORG/NAME, or {judging.FLAG} {judging.EXAMPLE}",
            )
        return subject

    def _ask_model(
        self, judge: Subject, questions: Sequence[str]
    ) -> Iterator[tuple[int, str | None]]:
        self.load([judge])  # its errors are not those of a question
        prompts = [Prompt(({"role": "user", "content": text},)) for text in questions]
        try:
            for place, answer in self.replies(judge, prompts, judging.LONGEST_ANSWER):
                yield place, answer.text
        except PlatformError:
            raise
        except MlccError as error:
            raise judging.by_the_judge(judge.title, error) from None

    def _ask(self, task: str, arguments: Mapping[str, object]) -> Iterator[Results]:
        """Ask the process of models.

        Raises:
            MlccError: as the process says.
            PlatformError: it has died.
        """
        try:
            yield from self._models.ask(task, arguments)
        except Died as died:
            raise died.error from None


def _prompt(prompt: Prompt) -> Mapping[str, Any]:
    return {"messages": [dict(message) for message in prompt.messages], "tools": list(prompt.tools)}
