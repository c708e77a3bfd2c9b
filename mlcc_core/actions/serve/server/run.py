"""The server at work: on a socket, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from mlcc_core.actions.serve.server.app import Api

GRACE = 3
"""Seconds in which replies may come to their end once the server is told to stop."""

LAST_WORDS = 2
"""Seconds after these in which clients take the error that ends the other replies."""


class Server(uvicorn.Server):
    """A server that says when it listens, and whose end by a signal is an end as any other.

    Its ``run`` takes the sockets to listen on.
    """

    def __init__(self, api: Api, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            api.application(),
            http="h11",
            loop="asyncio",
            lifespan="off",
            log_level="critical",
            server_header=False,
            timeout_graceful_shutdown=GRACE + LAST_WORDS,
        )
        super().__init__(config)
        self._replies, self._ready = api.replies, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(GRACE, self._replies.stop)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self._replies.over = True
            raise KeyboardInterrupt  # the second one: at once
        self.should_exit = True
