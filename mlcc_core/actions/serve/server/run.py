"""The server at work: on a socket, until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

GRACE = 3
"""Seconds in which replies may come to their end once the server is told to stop."""


class Server(uvicorn.Server):
    """A server that says when it listens, and whose end by a signal is an end as any other.

    Its ``run`` takes the sockets to listen on.
    """

    def __init__(self, application: Starlette, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            application,
            http="h11",
            loop="asyncio",
            lifespan="off",
            log_level="critical",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            raise KeyboardInterrupt  # the second one: at once
        self.should_exit = True
