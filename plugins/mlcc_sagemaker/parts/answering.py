"""Evaluations by what is deployed on the endpoint, and conversations with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlcc_core import Answering

if TYPE_CHECKING:
    from mlcc_core import (
        AnswerSession,
        AskingPlan,
        Benchmark,
        ChatSession,
        Context,
        Need,
        Output,
        Subject,
    )
    from mlcc_sagemaker.answering.retrying import Patience

WORKERS = 8
"""Requests at a time: containers batch those that come together. A client has ten connections."""

CHAT_SECONDS = 60.0
"""Patience with a model that is busy, while somebody waits for its reply."""


class EndpointAnswering(Answering):
    """Asks the base component, what was deployed beside it, and models that Bedrock imported.

    Args:
        workers: requests that are on their way at most.
        patience: with requests that fail in a way that may pass; by default a few minutes in an
            evaluation, and one in a conversation.
    """

    def __init__(self, workers: int = WORKERS, patience: Patience | None = None) -> None:
        self._workers = workers
        self._patience = patience

    def find_subject(self, context: Context, text: str) -> Subject | None:
        from mlcc_sagemaker.answering.subjects import find_subject

        return find_subject(context, text)

    def base_subject(self, context: Context, model: str) -> Subject:
        from mlcc_sagemaker.answering.subjects import base_subject

        return base_subject(context, model)

    def deployed_base(self, context: Context, model: str) -> Subject:
        from mlcc_sagemaker.answering.subjects import deployed_base

        return deployed_base(context)

    def has_base(self, context: Context, subject: Subject) -> bool:
        from mlcc_sagemaker.answering.subjects import has_base

        return has_base(context, subject)

    def run_subject(self, context: Context, job: str, model: str, output: Output) -> Subject:
        from mlcc_sagemaker.answering.subjects import run_subject

        return run_subject(context, job, model, output)

    def lacks(
        self, context: Context, need: Need, request: Mapping[str, object] | None = None
    ) -> str | None:
        from mlcc_sagemaker.answering.words import lacks

        return lacks(context, need, request)

    def find_benchmark(self, context: Context, name: str) -> Benchmark:
        from mlcc_sagemaker.answering.words import no_benchmarks

        raise no_benchmarks()

    def notice(self, context: Context, plan: AskingPlan) -> Sequence[str]:
        from mlcc_sagemaker.answering.words import notice

        return notice(context, plan, self._workers)

    @contextmanager
    def open(self, context: Context, subjects: Sequence[Subject]) -> Iterator[AnswerSession]:
        from mlcc_sagemaker.answering.retrying import Patience
        from mlcc_sagemaker.answering.session import EndpointSession
        from mlcc_sagemaker.answering.subjects import place_of

        places = {subject.fingerprint: place_of(context, subject) for subject in subjects}
        patience = self._patience or Patience()
        session = EndpointSession(context, places, self._workers, patience)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def open_chat(self, context: Context, subjects: Sequence[Subject]) -> Iterator[ChatSession]:
        from mlcc_sagemaker.answering.chat.session import EndpointChat
        from mlcc_sagemaker.answering.retrying import Patience

        patience = self._patience or Patience(seconds=CHAT_SECONDS, again="ask again in a minute")
        session = EndpointChat(context, patience)
        for subject in subjects:
            session.prepare(subject)
        yield session
