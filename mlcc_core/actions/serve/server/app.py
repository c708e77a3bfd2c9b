"""The application: OpenAI's chat completions for models that are ready to be asked."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from mlcc_core.actions.serve.forms.chat_request import ChatRequest, read_request
from mlcc_core.actions.serve.forms.errors import ApiError, api_error
from mlcc_core.actions.serve.forms.reply import Part, Reply, event
from mlcc_core.actions.serve.served import Served
from mlcc_core.actions.serve.server.reading import read_reply, unless_gone
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.chatting import ChatSession

LARGEST = 8 * 2**20
"""Bytes of a request's body."""

AT_ONCE = 64
"""Replies that are waited for at the same time; further requests wait their turn."""

OFFERED = "GET /health, GET /v1/models and POST /v1/chat/completions"
GONE = 499
"""The status, in the log alone, of a request whose client has gone."""


class Events(StreamingResponse):
    """A streamed reply, which is stopped when its client goes."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async with aclosing(cast(AsyncGenerator[str], self.body_iterator)):
            await super().stream_response(send)


class Api:
    """Answers requests.

    Args:
        served: the models.
        chat: asks them.
        hosts: names that requests may call this server by; ``None`` for any.
        key: that requests must have; ``None`` for none.
        log: takes a line for each reply and each refusal; it has no prompt and no key.
    """

    def __init__(
        self,
        served: Served,
        chat: ChatSession,
        hosts: frozenset[str] | None,
        key: str | None,
        log: Callable[[str], None],
    ) -> None:
        self._served, self._chat, self._log = served, chat, log
        self._hosts, self._key = hosts, key
        self._room = asyncio.Semaphore(AT_ONCE)
        self._since = int(time.time())

    def application(self) -> Starlette:
        """Return the application for uvicorn."""
        routes = [
            Route("/health", self._guarded(self._health)),
            Route("/v1/models", self._guarded(self._models)),
            Route("/v1/models/{name:path}", self._guarded(self._model)),
            Route("/v1/chat/completions", self._guarded(self._complete), methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._not_offered})

    def _guarded(self, handle: Callable[[Request], Awaitable[Response]]) -> Any:
        async def answer(request: Request) -> Response:
            began = time.monotonic()
            try:
                self._admit(request)
                return await handle(request)
            except Exception as error:
                told = api_error(error)
                why = told.body["error"]["code"] or told.args[0]
                cause = f"{type(error).__name__}: {error}" if told.status == 500 else why
                self._note(str(getattr(request.state, "model", "-")), told.status, began, cause)
                return JSONResponse(told.body, told.status)

        return answer

    def _note(self, model: str, status: int, began: float, said: str) -> None:
        shown = "".join(c if c.isprintable() else "?" for c in model[:80])
        self._log(f"{shown}  {status}  {said}  {time.monotonic() - began:.2f} s")

    def _admit(self, request: Request) -> None:
        """Refuse web pages that found a name for this machine, and requests without the key."""
        if self._hosts is not None and request.url.hostname not in self._hosts:
            raise ApiError(403, "This server answers to localhost alone.", "host_not_allowed")
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._key is None or request.url.path == "/health":
            return
        if not secrets.compare_digest(given.encode(), self._key.encode()):
            raise ApiError(401, "The API key is missing or wrong.", "invalid_api_key")

    async def _not_offered(self, request: Request, error: Exception) -> Response:
        status = cast(HTTPException, error).status_code
        what = f"{request.method} {request.url.path}: {HTTPStatus(status).phrase.lower()}"
        return JSONResponse(ApiError(status, f"{what}; offered are {OFFERED}.").body, status)

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _models(self, request: Request) -> Response:
        models = [self._about(name) for name in self._served.subjects]
        return JSONResponse({"object": "list", "data": models})

    async def _model(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._find(name)
        return JSONResponse(self._about(name))

    def _about(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": self._since, "owned_by": "mlcc"}

    def _find(self, name: str) -> Subject:
        if name in self._served.subjects:
            return self._served.subjects[name]
        why = self._served.left_out.get(name)
        names = ", ".join(self._served.subjects)
        what = f"{name!r} is not served: {why}" if why else f"There is no model {name!r}."
        raise ApiError(404, f"{what} Models: {names}.", "model_not_found", "model")

    async def _complete(self, request: Request) -> Response:
        asked = read_request(await _body(request))
        request.state.model = asked.model
        reply = Reply(asked.model, self._find(asked.model))
        parts = read_reply(
            lambda: self._chat.reply(reply.subject, asked.prompt, asked.sampling), self._room
        )
        if asked.stream:
            # An error before the first part still has a status of its own.
            first = await unless_gone(request, anext(parts))
            if first is not None:
                return Events(self._events(reply, first, parts, asked))
        elif await unless_gone(request, _gather(reply, parts)):
            self._note(reply.model, 200, reply.began, reply.length)
            return JSONResponse(reply.whole())
        self._note(reply.model, GONE, reply.began, "the client has gone")
        return Response(status_code=GONE)

    async def _events(
        self, reply: Reply, first: Part, parts: AsyncGenerator[Part], asked: ChatRequest
    ) -> AsyncGenerator[str]:
        status, said = GONE, "the client has gone"
        try:
            async with aclosing(parts):
                yield reply.event({"role": "assistant", "content": "", **reply.add(first)})
                async for part in parts:
                    if new := reply.add(part):
                        yield reply.event(new)
            yield reply.event({}, reply.finish)
            if asked.include_usage:
                yield reply.event(None)
            status, said = 200, reply.length
        except Exception as error:
            told = api_error(error)
            status, said = told.status, told.args[0]
            yield event(told.body)
        finally:
            self._note(reply.model, status, reply.began, said)
        yield "data: [DONE]\n\n"


async def _gather(reply: Reply, parts: AsyncGenerator[Part]) -> bool:
    """Read a reply to its end."""
    async with aclosing(parts):
        async for part in parts:
            reply.add(part)
    return True


async def _body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ApiError: it is too large, or not said to be JSON: web pages may send other types to any
            address, without being asked.
    """
    if "json" not in request.headers.get("content-type", ""):
        raise ApiError(415, "Content-Type: expected application/json.", "unsupported_media_type")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            what = f"The body is larger than {LARGEST // 2**20} MiB."
            raise ApiError(413, what, "request_too_large")
    return bytes(body)
