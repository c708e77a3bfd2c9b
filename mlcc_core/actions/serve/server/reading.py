"""Replies, read in threads of their own for an event loop that must not wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from mlcc_core.actions.serve.forms.reply import Part


async def read_reply(
    start: Callable[[], Iterator[Part]], room: asyncio.Semaphore
) -> AsyncGenerator[Part]:
    """Yield the parts of a reply as they come; closing this generator stops the reply.

    Args:
        start: begins the reply; it and the iterator may wait, in a thread of their own.
        room: for the threads that may run at the same time.

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
            call(room.release)

    await room.acquire()
    Thread(target=read, name="reply", daemon=True).start()
    try:
        while (part := await arrived.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part
    finally:
        unwanted.set()
