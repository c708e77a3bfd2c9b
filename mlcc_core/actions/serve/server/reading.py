"""Replies, read in threads of their own for an event loop that must not wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from mlcc_core.actions.serve.forms.errors import server_stopping
from mlcc_core.actions.serve.forms.reply import Part

AT_ONCE = 64
"""Replies that are waited for at the same time; further ones wait their turn."""


class Replies:
    """The replies that are read now.

    Attributes:
        over: :meth:`stop` was called.
    """

    def __init__(self) -> None:
        self.over = False
        self._room = asyncio.Semaphore(AT_ONCE)
        self._going: set[asyncio.Queue[Part | BaseException | None]] = set()

    def stop(self) -> None:
        """End all replies with an error, also those that wait for their turn."""
        self.over = True
        for arrived in self._going:
            arrived.put_nowait(server_stopping())
            self._room.release()

    async def read(self, start: Callable[[], Iterator[Part]]) -> AsyncGenerator[Part]:
        """Yield the parts of a reply as they come; closing this generator stops the reply.

        Args:
            start: begins the reply; it and the iterator may wait, in a thread of their own.

        Raises:
            BaseException: as the reply raises it.
        """
        call = asyncio.get_running_loop().call_soon_threadsafe
        arrived: asyncio.Queue[Part | BaseException | None] = asyncio.Queue()
        unwanted = Event()

        def read() -> None:
            end: BaseException | None = None
            with suppress(RuntimeError):  # the loop has ended, and the server with it
                try:
                    parts: Any = start()
                    for part in parts:
                        if unwanted.is_set():
                            break
                        call(arrived.put_nowait, part)
                    parts.close()
                except BaseException as error:
                    end = error
                call(arrived.put_nowait, end)
                call(self._room.release)

        self._going.add(arrived)
        try:
            await self._room.acquire()
            if not self.over:
                Thread(target=read, name="reply", daemon=True).start()
            while (part := await arrived.get()) is not None:
                if isinstance(part, BaseException):
                    raise part
                yield part
        finally:
            unwanted.set()
            self._going.discard(arrived)
