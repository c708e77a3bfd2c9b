"""A session in which the models of an endpoint are asked, many requests at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event, Lock

from mlcc_core import (
    Answer,
    AnswerSession,
    Context,
    MlccError,
    PlatformError,
    Prompt,
    Subject,
    TransientError,
)
from mlcc_sagemaker.answering.answers import chat_request, without_thoughts
from mlcc_sagemaker.answering.asking import AnyPlace, invoke
from mlcc_sagemaker.answering.at_once import AtOnce
from mlcc_sagemaker.answering.held_back import held_back
from mlcc_sagemaker.answering.judges import JUDGEMENT_TOKENS, find_judge
from mlcc_sagemaker.answering.retrying import Patience, persistently
from mlcc_sagemaker.answering.rewards import rewards
from mlcc_sagemaker.answering.subjects import component_fingerprint


class EndpointSession(AnswerSession):
    """Asks the components of an endpoint. Each method begins at once, before its first result.

    Args:
        context: the surroundings of the project.
        places: of the subjects, by their fingerprints.
        workers: requests that are on their way at most.
        patience: with requests that are throttled, or fail in a way that may pass.
    """

    at_once = True

    def __init__(
        self, context: Context, places: Mapping[str, AnyPlace], workers: int, patience: Patience
    ) -> None:
        self._context = context
        self._places = places
        self._patience = patience
        self._requests = AtOnce(workers)
        self._told: set[str] = set()
        self._telling = Lock()

    def close(self) -> None:
        """End what is not needed any more."""
        self._requests.close()

    def replies(
        self, subject: Subject, prompts: Sequence[Prompt], max_new_tokens: int
    ) -> Iterator[tuple[int, Answer]]:
        place = self._places[subject.fingerprint]

        def reply(prompt: Prompt, stopped: Event) -> Answer:
            body = chat_request(prompt.messages, max_new_tokens, prompt.tools)
            answer = self._ask(place, body, stopped)
            return replace(answer, text=without_thoughts(answer.text))

        return self._requests.each(reply, prompts)

    def judge_fingerprint(self, judge: str) -> str | None:
        component = find_judge(self._context, judge).component
        known = component and component_fingerprint(self._context, component)
        return f"{known}-{JUDGEMENT_TOKENS}" if known else None

    def judgements(self, judge: str, questions: Sequence[str]) -> Iterator[tuple[int, str | None]]:
        place = find_judge(self._context, judge)

        def judgement(question: str, stopped: Event) -> str | MlccError:
            body = chat_request([{"role": "user", "content": question}], JUDGEMENT_TOKENS)
            try:
                return without_thoughts(self._ask(place, body, stopped).text)
            except PlatformError:
                raise
            except MlccError as refusal:
                return refusal

        return held_back(self._requests.each(judgement, questions))

    def rewards(
        self,
        request: Mapping[str, object],
        rows: Sequence[Mapping[str, object]],
        replies: Sequence[str],
    ) -> Iterator[tuple[int, float | None]]:
        return rewards(self._context, request, rows, replies, self._requests)

    def _ask(self, place: AnyPlace, body: bytes, stopped: Event) -> Answer:
        return persistently(
            lambda: invoke(self._context, place, body, attempts=1),
            self._patience,
            stopped,
            lambda error: self._tell(place, error),
        )

    def _tell(self, place: AnyPlace, error: TransientError) -> None:
        """Say once for each model that requests are tried again."""
        with self._telling:
            if place.name in self._told:
                return
            self._told.add(place.name)
            seconds = self._patience.seconds_for(error)
            self._context.say(f"⏳ {error.what} Trying again, for {seconds:.0f} s.")
