"""Replies, read in threads for an event loop that must not wait."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Any

from anyio import CapacityLimiter, to_thread

from mlcc_core.actions.serve.forms.reply import Part


async def read_reply(start: Callable[[], Iterator[Part]], room: Semaphore) -> AsyncGenerator[Part]:
    """Yield the parts of a reply as they come; closing this generator stops the reply.

    Args:
        start: begins the reply; it and the iterator may wait.
        room: for it among others.
    """
    # Its own limit: a reply that waits for its turn takes no thread from those that go on.
    in_thread = partial(to_thread.run_sync, abandon_on_cancel=True, limiter=CapacityLimiter(1))
    unwanted = Event()

    def read() -> Part | None:
        part = next(parts, None)
        if unwanted.is_set():
            parts.close()
        return part

    async with room:
        parts: Any = await in_thread(start)
        try:
            while (part := await in_thread(read)) is not None:
                yield part
        finally:
            unwanted.set()
            with suppress(ValueError):  # a thread waits in it, and closes it after the next part
                parts.close()
