"""Talk to a tuned model or to its base, which stay loaded, in one conversation."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mlcc_core.actions.chat.conversation import Conversation, Turn
from mlcc_core.actions.chat.keeping import keep, load, set_aside
from mlcc_core.actions.chat.listening import Replying, Spoken, listen
from mlcc_core.actions.chat.request import ChatRequest, chat_with
from mlcc_core.actions.named_models import (
    NamedModel,
    base_model,
    find_model,
    newest_finished,
    run_named,
    while_there,
)
from mlcc_core.actions.parts import require_conversations
from mlcc_core.actions.requests import BASE
from mlcc_core.actions.session import Session
from mlcc_core.actions.siblings import shares_outputs
from mlcc_core.contract.platform.answering import Answering, Subject
from mlcc_core.contract.platform.chatting import ChatSession, Piece, Sampling
from mlcc_core.contract.platform.platform import Platform
from mlcc_core.errors import MlccError, PlatformError

TARGET = "TARGET"

KEEP_SECONDS = 1.0
"""Between two times that an answer is kept as far as it has come."""

Hear = Callable[[int, Piece], None]


@dataclass
class Chat:
    """A conversation with models that are ready; make one with :func:`open_chat`.

    Attributes:
        session: project and plugins.
        platform: that answers.
        talk: its session, in which the models are ready.
        model: that answers; its answers go on in the conversation.
        conversation: so far; it goes on when the model is switched.
        sampling: how replies are chosen.
        both: the base model is asked each question, too, in the same conversation.
        kept: the file of the conversation; ``None`` before the first question.
    """

    session: Session
    platform: Platform
    model: NamedModel
    talk: ChatSession
    conversation: Conversation = field(default_factory=Conversation)
    sampling: Sampling = field(default_factory=Sampling)
    both: bool = False
    kept: Path | None = None
    _base: Subject | None = None

    @property
    def title(self) -> str:
        """Return the name of the model that answers."""
        return self.model.subject.title

    def base(self) -> Subject:
        """Return the base of the current model; of a base, itself.

        Raises:
            MlccError, PlatformError: it cannot be asked.
        """
        if self._base is None:
            self._base = _base_of(self.session, self.model)
        return self._base

    def subjects(self) -> tuple[Subject, ...]:
        """Return the models that answer the next question: the current one last.

        Raises:
            MlccError, PlatformError: the base is to answer, and cannot be asked.
        """
        current = self.model.subject
        return (self.base(), current) if self.both and self.title != BASE else (current,)

    def switch(self, text: str) -> None:
        """Go on with the model that ``text`` names; whatever fails, the one before stays.

        Raises:
            MlccError: it names none, or one that cannot be asked here.
            PlatformError: it cannot be had.
        """
        if text == BASE:
            found = dataclasses.replace(self.model, subject=self.base(), record=None)
        else:
            found = _find(self.session, text, self.platform, "/adapter")
        with while_there(self.session, [found.record], "made ready"):
            self.talk.prepare(found.subject)
        self.model = found
        self._base = found.subject if text == BASE else None

    def ask(self, question: str, subject: Subject, hear: Hear) -> Spoken:
        """Ask one model; :meth:`take` makes its answer part of the conversation.

        Ctrl-C stops the reply, which is what came until then.

        Raises:
            MlccError: it cannot answer this.
            PlatformError: it cannot be asked any more.
        """
        (spoken,) = self._listen(question, (subject,), hear)
        return spoken

    def ask_both(self, question: str, hear: Hear) -> list[Spoken]:
        """Ask the base and the current model at the same time; as :meth:`ask` else."""
        return self._listen(question, self.subjects(), hear)

    def take(self, question: str, spoken: Spoken) -> None:
        """Make an answer part of the conversation, unless it has no word, and keep that.

        Raises:
            PlatformError: the disk refuses.
        """
        if spoken.text:
            whole = spoken.ended is not False and not spoken.stopped
            self.conversation.turns.append(Turn(question, spoken.text, self.title, whole))
            self.keep()

    def keep(self, *coming: Turn) -> None:
        """Write the conversation to its file, with the turn that is coming.

        Raises:
            PlatformError: the disk refuses.
        """
        whole = Conversation(self.conversation.system, [*self.conversation.turns, *coming])
        self.kept = keep(self.session.project, whole, anew=self.kept is None)

    def clear(self) -> Path | None:
        """Begin a new conversation; return the file of the one before, if it was kept.

        Raises:
            PlatformError: the disk refuses.
        """
        before = None if self.kept is None else set_aside(self.kept)
        self.conversation.turns.clear()
        self.kept = None
        return before

    def load(self, path: Path) -> None:
        """Go on with the conversation of a file.

        Raises:
            MlccError: it holds none.
            PlatformError: the disk refuses.
        """
        found = load(path)
        self.clear()
        self.conversation = found
        self.keep()

    def undo(self) -> str:
        """Take the last question and its answer back, also in the file; return the question.

        Raises:
            MlccError: nothing was said.
            PlatformError: the disk refuses.
        """
        if not self.conversation.turns:
            raise MlccError("Nothing has been asked yet.")
        last = self.conversation.turns.pop()
        self.keep()
        return last.question

    def _listen(self, question: str, subjects: Sequence[Subject], hear: Hear) -> list[Spoken]:
        """Read replies; the question, and what came of the answer, is kept meanwhile."""
        answer = ""
        due = 0.0

        def keep_so_far() -> None:
            nonlocal due
            due = time.monotonic() + KEEP_SECONDS
            with suppress(PlatformError):  # it is told when the answer is taken
                self.keep(Turn(question, answer, self.title, whole=False))

        def heard(place: int, piece: Piece) -> None:
            nonlocal answer
            if subjects[place] is self.model.subject and not piece.thought:
                answer += piece.text
                if time.monotonic() > due:
                    keep_so_far()
            hear(place, piece)

        keep_so_far()
        try:
            return listen([self._begun(question, subject) for subject in subjects], heard)
        except BaseException:
            keep_so_far()
            raise

    def _begun(self, question: str, subject: Subject) -> Replying:
        prompt = self.conversation.prompt(question)
        current = self.model.subject
        way = None if subject is current else current
        return lambda: self.talk.reply(subject, prompt, self.sampling, prompted_as=way)


@contextmanager
def open_chat(session: Session, request: ChatRequest | None = None) -> Iterator[Chat]:
    """Make a model ready for a conversation, for as long as the block runs.

    Raises:
        MlccError: the target names no model, or the platform has no conversations.
        PlatformError: the model cannot be had.
    """
    asked = request or ChatRequest()
    model, platform = _target(session, asked)
    answering = require_conversations(platform)
    session.say(f"⏳ Getting {model.subject.title} ready …")
    with ExitStack() as stack:
        with while_there(session, [model.record], "made ready"):
            talk = stack.enter_context(answering.open_chat(model.context, [model.subject]))
        yield Chat(
            session,
            platform,
            model,
            talk,
            Conversation(asked.system),
            Sampling(asked.temperature, max_new_tokens=asked.max_new_tokens),
            asked.both,
        )


def _target(session: Session, request: ChatRequest) -> tuple[NamedModel, Platform]:
    """Return the model to begin with, and where it is asked."""
    if request.target is not None:
        given = None if request.platform is None else session.plugins.platform(request.platform)
        found = _find(session, request.target, given, TARGET)
        require_conversations(found.platform)
        return found, found.platform
    platform = session.platform
    require_conversations(platform)
    done = [
        each
        for each in newest_finished(session)
        if shares_outputs(session.plugins, platform, each.platform)
    ]
    if done:
        try:
            return _find(session, done[0].job, platform, TARGET), platform
        except PlatformError:
            raise
        except MlccError as error:
            hint = "" if error.hint is None else f" To mend it: {error.hint}"
            session.say(f"ℹ️  {error.what} You talk to the base model.{hint}")
    return find_model(session, BASE, TARGET, platform.name), platform


def _find(session: Session, text: str, platform: Platform | None, where: str) -> NamedModel:
    """Return the model of a name, which must be asked on the platform if one is given.

    Raises:
        MlccError: it names none, or one of another platform.
    """
    record = run_named(session, text, where)
    if record is not None and not (
        platform is None or shares_outputs(session.plugins, platform, record.platform)
    ):
        raise MlccError(
            f"The run {record.job} was trained on platform {record.platform!r}, and its output is "
            f"not on {platform.name!r}.",
            where=where,
            hint=chat_with(text, record.platform),
        )
    return find_model(session, text, where, None if platform is None else platform.name)


def _base_of(session: Session, model: NamedModel) -> Subject:
    """Return the base of a model; of a base, itself."""
    subject = model.subject
    if subject.title == BASE and subject.output is None:
        return subject
    name = base_model(subject, model.record) or session.model or subject.model
    answering: Answering = require_conversations(model.platform)
    return dataclasses.replace(answering.base_subject(model.context, name), title=BASE)
