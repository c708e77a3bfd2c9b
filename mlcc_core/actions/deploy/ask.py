"""Ask the deployed model, and its base the same."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from mlcc_core.actions.chat.listening import Spoken, listen
from mlcc_core.actions.deploy.adapters import require_deployed
from mlcc_core.actions.deploy.questions import Question
from mlcc_core.actions.named_models import base_model
from mlcc_core.actions.parts import require_conversations, require_serving
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.session import Session
from mlcc_core.contract.platform.answering import Answering, Subject
from mlcc_core.contract.platform.chatting import ChatSession, Sampling
from mlcc_core.errors import MlccError
from mlcc_core.helpers.hints import hint_kind

MOST_TOKENS = 256
"""Tokens of a reply, unless asked otherwise: enough to see how a model answers."""


@dataclass(frozen=True)
class AskRequest:
    """One call of ``test``.

    Attributes:
        prompt: the question.
        adapter, component: the name of the one that is asked besides the base model, if any.
        system: begins the prompt, in place of a system message that it has.
        max_new_tokens: of an answer.
    """

    prompt: str = ""
    adapter: str | None = None
    component: str | None = None
    system: str | None = None
    max_new_tokens: int = MOST_TOKENS


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a deployed model.

    Attributes:
        prompt: what was asked.
        target: the adapter or component asked; ``None`` for the base model alone.
        answer: its answer.
        base: the base model's answer to the same prompt; ``None`` when one model was asked alone.
        seconds: that the answer took.
        base_seconds: that the base model's answer took; ``None`` likewise.
    """

    prompt: str
    target: str | None
    answer: str
    base: str | None
    seconds: float = 0.0
    base_seconds: float | None = None

    @property
    def differs(self) -> bool | None:
        """Return whether adapter and base differ; ``None`` when there is nothing to compare."""
        return None if self.base is None else self.answer != self.base


@hint_kind("a question to an adapter")
def asked(adapter: str) -> str:
    """Return the command that asks an adapter."""
    return f"./do/test --adapter {shlex.quote(adapter)}"


@dataclass(frozen=True)
class Asking:
    """Models that are ready to be asked, the base first; make one with :func:`open_asking`.

    Attributes:
        target: the name of the adapter or component; ``None`` where the base is asked alone.
    """

    target: str | None
    _talk: ChatSession
    _subjects: Sequence[Subject]
    _request: AskRequest

    def ask(
        self,
        question: Question,
        told: Callable[[Subject, Spoken], None] = lambda subject, spoken: None,
    ) -> Reply:
        """Put a question to each model, in the chat template of the tuned one.

        Args:
            question: of any prompt.
            told: is given each answer as soon as it is whole.

        Raises:
            MlccError: a model cannot answer this one.
            PlatformError: it cannot be asked any more.
        """
        prompt = question.prompt_with(self._request.system)
        sampling = Sampling(max_new_tokens=self._request.max_new_tokens)
        answers = []
        for subject in self._subjects:
            way = None if subject is self._subjects[-1] else self._subjects[-1]
            begin = partial(self._talk.reply, subject, prompt, sampling, prompted_as=way)
            (spoken,) = listen([begin])
            if spoken.stopped:
                raise KeyboardInterrupt
            told(subject, spoken)
            answers.append(spoken)
        *base, answer = answers
        return Reply(
            question.text,
            self.target,
            answer.in_words,
            base[0].in_words if base else None,
            round(answer.seconds, 3),
            round(base[0].seconds, 3) if base else None,
        )


@contextmanager
def open_asking(session: Session, request: AskRequest) -> Iterator[Asking]:
    """Make the deployed model ready, and its base with it; each is loaded once.

    Args:
        session: the project, its plugins and its platform.
        request: names the model; its prompt is left out.

    Raises:
        MlccError: nothing is deployed, nothing of that name, or two are to be asked.
    """
    if request.adapter is not None and request.component is not None:
        raise MlccError(
            "--adapter and --ic exclude each other.",
            hint=asked(request.adapter),
        )
    require_serving(session.platform)
    name = request.adapter or request.component
    if name:
        require_deployed(session, name, "adapter" if request.adapter else "model")
    answering = require_conversations(session.platform)
    subjects = _subjects(session, answering, name)
    with answering.open_chat(session.context, subjects) as talk:
        yield Asking(name or None, talk, subjects, request)


def ask(session: Session, request: AskRequest) -> Reply:
    """Ask the deployed model; with an adapter or component, ask the base the same.

    Raises:
        MlccError: nothing is deployed, nothing of that name, or two are to be asked.
    """
    with open_asking(session, request) as asking:
        return asking.ask(Question.of(request.prompt))


def _subjects(session: Session, answering: Answering, name: str | None) -> list[Subject]:
    """Return the deployed base, where there is one, and what is deployed under a name."""
    found = []
    model = session.model
    if name:
        tuned = answering.find_subject(session.context, name)
        if tuned is None:
            raise MlccError(f"{name!r} cannot be asked.", hint="./do/adapter list")
        if not answering.has_base(session.context, tuned):
            return [tuned]
        found = [tuned]
        model = base_model(tuned, None) or model
    if model is None:
        raise MlccError("No model is named: MODEL_ID is not set.", hint="mlcc models")
    base = answering.deployed_base(session.context, model)
    return [dataclasses.replace(base, title=BASE), *found]
