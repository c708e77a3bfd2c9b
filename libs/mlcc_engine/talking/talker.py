"""Answers questions of many conversations at the same time, with the models in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from mlcc_core.helpers import is_out_of_memory
from mlcc_engine.answers.ready import make_ready
from mlcc_engine.child import tasks
from mlcc_engine.talking.turns import Turns

AT_ONCE = 8
"""Replies that are begun at the same time: each keeps what the model has read so far in memory.
Others wait, as they came."""

Send = Callable[[Mapping[str, object]], None]
Work = Callable[[Event], Mapping[str, object]]


class Talker:
    """Loads models and has them reply. Every answer carries the number of its question.

    Args:
        send: sends an answer.
    """

    def __init__(self, send: Send) -> None:
        self._send_one = send
        self._sending = Lock()
        self._turns = Turns()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reply")
        self._stopped: dict[int, Event] = {}
        self._models: Any = None
        self._chats: Any = None

    def prepare(self, number: int, weights: Mapping[str, Any]) -> None:
        """Load a model, unless that was done; it waits for no reply to end."""
        stopped = self._stopped[number] = Event()
        Thread(
            target=self._answer,
            args=(number, stopped, lambda _: self._prepare(weights)),
            daemon=True,
        ).start()

    def reply(self, number: int, **question: Any) -> None:
        """Reply to a conversation."""
        stopped = self._stopped[number] = Event()
        self._threads.submit(
            self._answer, number, stopped, lambda event: self._reply(number, event, **question)
        )

    def stop(self, number: int) -> None:
        """End a reply, begun or not, that is not wanted any more."""
        with suppress(KeyError):  # it has ended by itself
            self._stopped[number].set()

    def _answer(self, number: int, stopped: Event, work: Work) -> None:
        """Do some work in the turn, and send how it ended."""
        last: Mapping[str, object] = {"end": {}}
        try:
            if not stopped.is_set():
                with self._turns.held():
                    last = self._try(stopped, work)
        finally:
            del self._stopped[number]
            self._send(number, last)

    def _try(self, stopped: Event, work: Work) -> Mapping[str, object]:
        try:
            return {"end": work(stopped)}
        except Exception as error:
            if not is_out_of_memory(error):
                return tasks.failure("reply", error)
            failure = tasks.failure("reply", error)
        from mlcc_engine.answers.models import free_memory

        free_memory()  # the error, which held what did not fit, is gone by now
        return failure

    def _prepare(self, weights: Mapping[str, Any]) -> Mapping[str, object]:
        from mlcc_engine.answers.models import Weights

        self._loader().load(Weights(**weights))
        return {}

    def _reply(
        self,
        number: int,
        stopped: Event,
        *,
        weights: Mapping[str, Any],
        prompt: Mapping[str, Any],
        choice: Mapping[str, Any],
        prompted_as: Mapping[str, Any] | None,
    ) -> Mapping[str, object]:
        from mlcc_engine.answers.models import Weights
        from mlcc_engine.talking.asked import Question, ask
        from mlcc_engine.talking.replying import Reply

        asked = Weights(**weights)
        as_asked = asked if prompted_as is None else Weights(**prompted_as)
        loaded = self._loader().load(asked)
        encoder = self._chats.find(loaded, asked, as_asked)
        found = ask(loaded, asked, encoder, Question(**prompt), choice)
        loaded.use(asked)

        def tell(parts: Sequence[Any]) -> None:
            self._send(number, {"pieces": [[part.text, part.thought] for part in parts]})

        return Reply(found, self._turns, stopped, tell).generate()

    def _send(self, number: int, document: Mapping[str, object]) -> None:
        with self._sending:
            self._send_one({"number": number, **document})

    def _loader(self) -> Any:
        """Return what loads models; torch is imported when it is first needed."""
        if self._models is None:
            make_ready()
            from mlcc_engine.answers.models import Models
            from mlcc_engine.talking.chats import Chats

            self._models, self._chats = Models(), Chats()
        return self._models
