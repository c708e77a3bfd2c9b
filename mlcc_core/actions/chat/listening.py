"""Replies, read piece by piece in threads of their own.

Ctrl-C comes to the main thread: it stops a reply between two pieces, never within the work of a
platform, whose connection to its models stays whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread

from mlcc_core.contract.platform.chatting import Piece, ReplyEnd

Replying = Callable[[], Iterator[Piece | ReplyEnd]]
"""Begins a reply."""

LOOK_SECONDS = 0.2
"""Between two looks for a thread that has ended without a word."""


@dataclass
class Spoken:
    """A reply, as far as it was spoken.

    Attributes:
        text: the answer.
        thoughts: of the model's reasoning, which is not part of the answer.
        seconds: from the question to the end, or to where it was stopped.
        tokens: of the whole reply; ``None`` where the platform does not tell.
        ended: the model ended it; ``False`` where a limit cut it, ``None`` where it is not known.
        stopped: the user did.
    """

    text: str = ""
    thoughts: str = ""
    seconds: float = 0.0
    tokens: int | None = None
    ended: bool | None = None
    stopped: bool = False

    def take(self, item: Piece | ReplyEnd) -> None:
        """Add what came next."""
        if isinstance(item, ReplyEnd):
            self.tokens, self.ended = item.tokens, item.ended
        elif item.thought:
            self.thoughts += item.text
        else:
            self.text += item.text

    @property
    def in_words(self) -> str:
        """Return the answer for people: where it was cut, or why it is empty."""
        if not self.text and self.thoughts:
            length = "" if self.tokens is None else f" within {self.tokens} tokens"
            return f"(no answer{length}: the model was still thinking)"
        return f"{self.text} …" if self.ended is False or self.stopped else self.text


def listen(
    replies: Sequence[Replying], heard: Callable[[int, Piece], None] = lambda place, piece: None
) -> list[Spoken]:
    """Read replies to their ends, several at the same time; tell each piece as it comes.

    Ctrl-C stops them; they are what came until then.

    Args:
        replies: begin them.
        heard: is told each piece, with the place of its reply; in the thread of the caller.

    Raises:
        MlccError, PlatformError: one of them failed; the others are stopped.
    """
    listener = _Listener(replies)
    try:
        listener.read(heard)
    except BaseException as error:
        listener.stop()
        # A signal that ends the process is a kind of interrupt, and no wish to go on.
        if type(error) is not KeyboardInterrupt:
            raise
        for each in listener.spoken:
            each.stopped = each.ended is None and each.tokens is None
    return listener.spoken


class _Listener:
    """Threads that read, and what they have read."""

    def __init__(self, replies: Sequence[Replying]) -> None:
        self.spoken = [Spoken() for _ in replies]
        self._news: SimpleQueue[tuple[int, Piece | ReplyEnd | BaseException | None]] = SimpleQueue()
        self._leave = Event()
        self._threads = [
            Thread(target=self._follow, args=(place, begin), daemon=True)
            for place, begin in enumerate(replies)
        ]
        for thread in self._threads:
            thread.start()

    def read(self, heard: Callable[[int, Piece], None]) -> None:
        """Take the news until all have ended."""
        going = len(self._threads)
        while going:
            try:
                place, item = self._news.get(timeout=LOOK_SECONDS)
            except Empty:
                if not any(thread.is_alive() for thread in self._threads) and self._news.empty():
                    return
                continue
            if isinstance(item, BaseException):
                raise item
            if item is None:
                going -= 1
                continue
            self.spoken[place].take(item)
            if isinstance(item, Piece):
                heard(place, item)

    def stop(self) -> None:
        """Have the threads end after their next piece, and wait for them."""
        self._leave.set()
        for thread in self._threads:
            thread.join()

    def _follow(self, place: int, begin: Replying) -> None:
        begun = time.monotonic()
        try:
            reply = begin()
            try:
                for item in reply:
                    self.spoken[place].seconds = time.monotonic() - begun
                    if self._leave.is_set():
                        return
                    self._news.put((place, item))
            finally:
                close = getattr(reply, "close", None)
                if close is not None:
                    close()
        except BaseException as error:
            self._news.put((place, error))
        finally:
            self._news.put((place, None))
