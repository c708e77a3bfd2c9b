"""The answering of a project's folder: models are loaded in a process of their own and asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mlcc_core import (
    Answering,
    Benchmark,
    ChatSession,
    Context,
    Output,
    ServerCommand,
    ServerPlan,
    Subject,
)
from mlcc_folders import checks, vllm_command
from mlcc_folders.answering import benchmarks, subjects
from mlcc_folders.answering.session import FolderSession
from mlcc_folders.chatting.session import FolderChatSession
from mlcc_folders.model.ready import make_ready
from mlcc_folders.serving import serving


class FolderAnswering(Answering):
    """Answers with models of this machine; everything that an evaluation needs can be had.

    Args:
        default_model: the base model of projects that name none.
    """

    def __init__(self, default_model: str) -> None:
        self.default_model = default_model

    def find_subject(self, context: Context, text: str) -> Subject | None:
        return subjects.find_subject(context, text, self.default_model)

    def base_subject(self, context: Context, model: str) -> Subject:
        return subjects.base_subject(context, model)

    def deployed_base(self, context: Context, model: str) -> Subject:
        return subjects.base_subject(context, serving.base_at_hand(context, self.default_model))

    def run_subject(self, context: Context, job: str, model: str, output: Output) -> Subject:
        return subjects.run_subject(context, job, model, output)

    def find_benchmark(self, context: Context, name: str) -> Benchmark:
        return benchmarks.find_benchmark(context, name)

    @contextmanager
    def open(self, context: Context, subjects: Sequence[Subject]) -> Iterator[FolderSession]:
        checks.require_packages("An evaluation on this machine")
        for subject in subjects:
            make_ready(context, subject.model)
        session = FolderSession(context, self)
        try:
            session.load(subjects)
            yield session
        finally:
            session.close()

    @contextmanager
    def open_chat(self, context: Context, subjects: Sequence[Subject]) -> Iterator[ChatSession]:
        checks.require_packages("A conversation on this machine")
        session = FolderChatSession(context)
        try:
            for subject in subjects:
                session.prepare(subject)
            yield session
        finally:
            session.close()

    def server_command(self, context: Context, plan: ServerPlan) -> ServerCommand | None:
        return vllm_command.server_command(context, plan)
