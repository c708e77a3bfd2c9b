"""Conversations with models of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from threading import Lock
from typing import Any

from mlcc_core import GREEDY, ChatSession, Context, Piece, Prompt, ReplyEnd, Sampling, Subject
from mlcc_folders.answering.subjects import weights_of
from mlcc_folders.chatting.process import Talking
from mlcc_folders.model.ready import make_ready


class FolderChatSession(ChatSession):
    """Asks a process of the engine, in which each model is loaded once.

    A process that has died is started anew by the next question.

    Args:
        context: the surroundings.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._process: Talking | None = None
        self._found: dict[Subject, Mapping[str, Any]] = {}

    def prepare(self, subject: Subject) -> None:
        for _ in self._talking().ask("prepare", {"weights": self._weights(subject)}):
            pass

    def reply(
        self,
        subject: Subject,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        prompted_as: Subject | None = None,
    ) -> Iterator[Piece | ReplyEnd]:
        question: Mapping[str, Any] = {
            "weights": self._weights(subject),
            "prompt": {
                "messages": [dict(message) for message in prompt.messages],
                "tools": list(prompt.tools),
            },
            "choice": asdict(sampling),
            "prompted_as": prompted_as and self._weights(prompted_as),
        }
        answers = self._talking().ask("reply", question)
        try:
            for answer in answers:
                for text, thought in answer.get("pieces", ()):
                    yield Piece(text, thought)
                if "end" in answer:
                    yield ReplyEnd(**answer["end"])
        finally:
            answers.close()

    def close(self) -> None:
        """End the process, and with it every reply."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def _weights(self, subject: Subject) -> Mapping[str, Any]:
        """Return the weights of a subject as the engine takes them, found once."""
        if subject not in self._found:
            make_ready(self._context, subject.model)
            found = weights_of(self._context, subject)
            self._found[subject] = {**found, "mark": subject.fingerprint}
        return self._found[subject]

    def _talking(self) -> Talking:
        with self._lock:
            if self._process is None or not self._process.lives:
                self._process = Talking(self._context.root.resolve())
            return self._process
