"""The server at work: on a socket, until it is told to stop."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

GRACE = 3
"""Seconds in which replies may come to their end once the server is told to stop."""

ENDING = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A server that says when it listens, and whose end by a signal is an end as any other."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's; `should_exit` stops the server
            return
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            raise KeyboardInterrupt  # the second one: at once
        self.should_exit = True


def make_server(application: Starlette, ready: Callable[[], None]) -> Server:
    """Return a server, which cuts running replies a few seconds after it is told to stop.

    Its ``run`` takes the sockets to listen on.
    """
    config = uvicorn.Config(
        application,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config, ready)
