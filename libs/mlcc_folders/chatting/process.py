"""The process that talks: many questions at a time, each with a queue for its answers."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import RLock, Thread
from typing import Any

from mlcc_core import PlatformError
from mlcc_core.helpers import killed_process
from mlcc_engine.child.child import Child, error_in

MODULE = "mlcc_engine.talking"
WHO = "The process that talks"

Answer = Mapping[str, Any] | None
"""``None`` once the process has died."""

Death = tuple[int | None, list[str]]
"""The exit code, and the last lines that were printed."""


class Talking:
    """A process, from its start to its death.

    One thread reads what it answers, and hands it to whose question it is. So a question that is
    read slowly, or not at all any more, holds up none of the others.

    Args:
        root: the folder it runs in.

    Raises:
        PlatformError: it cannot be started.
    """

    def __init__(self, root: Path) -> None:
        try:
            self._child = Child(MODULE, root)
        except OSError as error:
            raise PlatformError(f"{WHO} cannot be started: {error.strerror}.") from None
        self._numbers = count(1)
        self._lock = RLock()  # a reply that is let go may be closed at any time
        self._queues: dict[int, SimpleQueue[Answer]] = {}
        self._death: Death | None = None
        self._reader = Thread(target=self._read, name="talking", daemon=True)
        self._reader.start()

    @property
    def lives(self) -> bool:
        """Return whether it can be asked, as far as is known."""
        return self._death is None and self._child.lives()

    def ask(self, task: str, arguments: Mapping[str, object]) -> Generator[Mapping[str, Any]]:
        """Do a task, and yield its answers as they come, the last one included.

        A task whose answers are not all wanted is stopped.

        Raises:
            MlccError: of the class and in the words of the process.
            PlatformError: it has died.
        """
        number, queue = next(self._numbers), SimpleQueue[Answer]()
        self._queues[number] = queue
        self._say(task, {"number": number, **arguments})
        ended = False
        try:
            while not ended:
                answer = queue.get()
                ended = answer is None or "pieces" not in answer
                if answer is None:
                    raise self._error()
                if "error" in answer:
                    raise error_in(answer["error"], [])
                yield answer
        finally:
            del self._queues[number]
            if not ended:
                self._say("stop", {"number": number})

    def close(self) -> None:
        """End the process, with all that is asked."""
        self._child.kill()
        self._reader.join()

    def _say(self, task: str, arguments: Mapping[str, object]) -> None:
        """Give the process a task; once it has died, answer in its place."""
        with self._lock:
            if self._death is None:
                self._child.ask(task, arguments)
                return
        queue = self._queues.get(int(str(arguments["number"])))
        if queue is not None:
            queue.put(None)

    def _read(self) -> None:
        """Hand answers on until there are none any more."""
        while (answer := self._child.answer()) is not None:
            queue = self._queues.get(answer["number"])
            if queue is not None:  # it is still wanted
                queue.put(answer)
        with closing(self._child):
            death = self._child.exit_code(), self._child.printed()
            with self._lock:
                self._death = death
            for queue in list(self._queues.values()):
                queue.put(None)

    def _error(self) -> PlatformError:
        code, printed = self._death or (None, [])
        if code is None:
            return PlatformError(f"{WHO} gave no answer.", detail=printed)
        return killed_process(WHO, code, printed)
