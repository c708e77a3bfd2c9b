"""Conversations with the components of an endpoint."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from threading import Event, Lock

from mlcc_aws.errors import AccessDenied
from mlcc_core import (
    GREEDY,
    ChatSession,
    Context,
    MlccError,
    Piece,
    PlatformError,
    Prompt,
    ReplyEnd,
    Sampling,
    Subject,
)
from mlcc_core.helpers import first_line
from mlcc_sagemaker.answering.asking import (
    UNREADABLE,
    AnyPlace,
    container_failed,
    no_reply,
    send,
)
from mlcc_sagemaker.answering.chat.chunks import Chunk, Chunks, ContainerFailure
from mlcc_sagemaker.answering.chat.question import USAGE, Question
from mlcc_sagemaker.answering.chat.stream import ReplyStream, WholeReply, broke_off
from mlcc_sagemaker.answering.chat.thoughts import Thoughts
from mlcc_sagemaker.answering.retrying import Patience, persistently
from mlcc_sagemaker.answering.subjects import place_of

Said = Piece | ReplyEnd
Source = ReplyStream | WholeReply


class EndpointChat(ChatSession):
    """Holds conversations; a model is looked for once and costs nothing while it is not asked.

    ``prompted_as`` changes nothing here: adapters share their base's container, which puts the
    conversation to both in one chat template.

    Args:
        context: the surroundings of the project.
        patience: with requests that are throttled, or fail in a way that may pass, before
            anything of the reply has come; later nothing is tried again.
    """

    def __init__(self, context: Context, patience: Patience) -> None:
        self._context = context
        self._patience = patience
        self._places: dict[str, AnyPlace] = {}
        self._plain: set[str] = set()
        self._uncounted: set[str] = set()
        self._whole = False
        self._told: set[str] = set()
        self._lock = Lock()

    def prepare(self, subject: Subject) -> None:
        self._place(subject)

    def reply(
        self,
        subject: Subject,
        prompt: Prompt,
        sampling: Sampling = GREEDY,
        *,
        prompted_as: Subject | None = None,
    ) -> Iterator[Said]:
        asked = Question(subject.fingerprint, self._place(subject), prompt, sampling)
        stopped = Event()
        first, rest = persistently(
            lambda: self._begin(asked),
            self._patience,
            stopped,
            lambda error: self._tell(f"⏳ {error.what} Trying again.", asked.place.name),
        )
        with closing(rest):
            yield first
            yield from rest

    def _begin(self, asked: Question) -> tuple[Said, Generator[Said, None, None]]:
        """Ask, and wait for the first piece."""
        said = self._read(asked, self._ask(asked))
        return next(said), said

    def _ask(self, asked: Question) -> Source:
        """Send the request in the way in which this container and this caller can."""
        if self._whole:
            return WholeReply(
                send(self._context, asked.place, asked.body(stream=False), attempts=1)
            )
        counted = asked.model not in self._uncounted
        try:
            return ReplyStream(self._context, asked.place, asked.body(counted=counted))
        except AccessDenied:
            self._whole = True
            self._tell(
                f"ℹ️  Replies come whole: the permission {asked.place.stream_action} is missing."
            )
        except PlatformError:
            raise
        except MlccError as refusal:
            if not counted or USAGE not in refusal.what:
                raise
            self._uncounted.add(asked.model)
        return self._ask(asked)

    def _read(
        self, asked: Question, source: ReplyStream | WholeReply
    ) -> Generator[Said, None, None]:
        """Yield the pieces of a reply and its end; close the source whatever comes."""
        chunks, thoughts = Chunks(), Thoughts(asked.model in self._plain)
        seen: list[Chunk] = []
        data = b""
        with closing(source):
            try:
                for part in source:
                    data = data or part
                    yield from _pieces(chunks.feed(part), thoughts, seen)
                yield from _pieces(chunks.finish(), thoughts, seen)
            except ContainerFailure as failure:
                words = first_line(str(failure))
                raise container_failed(asked.place, words, failure.status) from None
            except UNREADABLE as error:
                raise no_reply(asked.place, data, error) from None
        last = next((chunk for chunk in seen if chunk.last), None)
        if last is None and not seen:
            raise no_reply(asked.place, data, ValueError("nothing came"))
        if last is None and chunks.events and not chunks.done:
            raise broke_off(asked.place, "it has no end")
        if thoughts.undecided and last is not None and last.ended:
            self._plain.add(asked.model)
        yield from thoughts.finish()
        yield ReplyEnd(
            last.ended if last else None,
            _latest(chunk.tokens for chunk in seen),
            _latest(chunk.prompt_tokens for chunk in seen),
        )

    def _place(self, subject: Subject) -> AnyPlace:
        with self._lock:
            place = self._places.get(subject.fingerprint)
        if place is None:
            place = place_of(self._context, subject)
            with self._lock:
                self._places[subject.fingerprint] = place
        return place

    def _tell(self, line: str, about: str = "") -> None:
        """Say something once about each model, or once at all."""
        with self._lock:
            if about in self._told:
                return
            self._told.add(about)
        self._context.say(line)


def _pieces(chunks: Iterable[Chunk], thoughts: Thoughts, seen: list[Chunk]) -> Iterator[Piece]:
    for chunk in chunks:
        seen.append(chunk)
        if chunk.thought:
            yield Piece(chunk.thought, thought=True)
        yield from thoughts.feed(chunk.text)


def _latest(counts: Iterable[int | None]) -> int | None:
    known: Sequence[int] = [count for count in counts if count is not None]
    return known[-1] if known else None
