"""Replies, read in threads of their own for an event loop that must not wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from starlette.requests import Request

from mlcc_core.actions.serve.forms.reply import Part

T = TypeVar("T")


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
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Part | BaseException | None] = asyncio.Queue()
    unwanted = threading.Event()

    def hand(part: Part | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the server with it
            loop.call_soon_threadsafe(arrived.put_nowait, part)

    def work() -> None:
        try:
            parts = start()
            try:
                for part in parts:
                    if unwanted.is_set():
                        break
                    hand(part)
            finally:
                if close := getattr(parts, "close", None):
                    close()
            hand(None)
        except BaseException as error:
            hand(error)
        finally:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(room.release)

    await room.acquire()
    threading.Thread(target=work, name="reply", daemon=True).start()
    try:
        while (part := await arrived.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part
    finally:
        unwanted.set()


async def unless_gone(request: Request, work: Awaitable[T]) -> T | None:
    """Return what ``work`` comes to; ``None`` once the client has gone, which cancels the work."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(gone())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].result() if tasks[0].done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
