"""A conversation: what was said, as the next prompt and as a row of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlcc_core.contract.platform.answering import Prompt

Message = Mapping[str, str]


@dataclass(frozen=True)
class Turn:
    """A question and the answer to it.

    Attributes:
        question: the user's.
        answer: the model's, as far as it came; empty where none has come.
        model: the title of the one that answered.
        whole: it is not cut: neither by a limit nor by the user.
    """

    question: str
    answer: str
    model: str
    whole: bool = True


@dataclass
class Conversation:
    """A conversation that goes on when its model is switched.

    Attributes:
        system: the system message; ``None`` for none.
        turns: in order.
    """

    system: str | None = None
    turns: list[Turn] = field(default_factory=list)

    @property
    def answered(self) -> list[Turn]:
        """Return the turns that have an answer."""
        return [turn for turn in self.turns if turn.answer]

    def prompt(self, question: str) -> Prompt:
        """Return what a model is asked: the conversation, and the user's next words."""
        return Prompt((*self.messages(), {"role": "user", "content": question}))

    def messages(self, *, unanswered: bool = False) -> list[Message]:
        """Return all messages: with them, a row of a dataset in the ``messages`` form.

        Args:
            unanswered: questions without an answer are part of it, each with an empty one.
        """
        found: list[Message] = []
        if self.system is not None:
            found.append({"role": "system", "content": self.system})
        for turn in self.turns if unanswered else self.answered:
            found.append({"role": "user", "content": turn.question})
            found.append({"role": "assistant", "content": turn.answer})
        return found
