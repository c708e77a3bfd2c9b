"""The application: OpenAI's chat completions for models that are ready to be asked."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from mlcc_core.actions.serve.forms.chat_request import read_request
from mlcc_core.actions.serve.forms.errors import (
    ApiError,
    api_error,
    client_gone,
    server_stopping,
)
from mlcc_core.actions.serve.forms.model_list import model_list, one_model
from mlcc_core.actions.serve.forms.reply import Part, Reply, event
from mlcc_core.actions.serve.served import Served
from mlcc_core.actions.serve.server.reading import Replies
from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.chatting import ChatSession

JSON = "application/json"

LARGEST = 8 * 2**20
"""Bytes of a request's body."""

OFFERED = "GET /health, GET /v1/models and POST /v1/chat/completions"

Handle = Callable[[Request], Awaitable[Response]]


class Events(StreamingResponse):
    """A streamed reply, which is stopped when its client goes."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async with aclosing(cast(AsyncGenerator[str], self.body_iterator)):
            await super().stream_response(send)


@dataclass(frozen=True)
class Api:
    """Answers requests.

    Attributes:
        served: the models.
        chat: asks them.
        hosts: names that requests may call this server by; ``None`` for any.
        key: that requests must have; ``None`` for none.
        log: takes a line for each reply and each refusal; it has no prompt and no key.
        replies: that are read now.
    """

    served: Served
    chat: ChatSession
    hosts: frozenset[str] | None
    key: str | None = field(repr=False)
    log: Callable[[str], None]
    replies: Replies = field(default_factory=Replies)

    def application(self) -> Starlette:
        """Return the application for uvicorn."""
        routes = [
            Route("/health", self._guarded(self._health)),
            Route("/v1/models", self._guarded(self._models)),
            Route("/v1/models/{name:path}", self._guarded(self._model)),
            Route("/v1/chat/completions", self._guarded(self._complete), methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._not_offered})

    def _guarded(self, handle: Handle) -> Handle:
        async def answer(request: Request) -> Response:
            request.state.model, request.state.began = "-", time.monotonic()
            try:
                self._admit(request)
                return await handle(request)
            except Exception as error:
                told = self._note_error(request, error)
                return JSONResponse(told.body, told.status)

        return answer

    def _note(self, request: Request, status: int, said: str) -> None:
        model = " ".join(request.state.model.split())[:80]
        self.log(f"{model}  {status}  {said}  {time.monotonic() - request.state.began:.2f} s")

    def _note_error(self, request: Request, error: Exception) -> ApiError:
        told = api_error(error)
        cause = told.code if told.status != 500 else f"{type(error).__name__}: {error}"
        self._note(request, told.status, cause)
        return told

    def _admit(self, request: Request) -> None:
        """Refuse web pages that found a name for this machine, and requests without the key."""
        if self.hosts is not None and request.url.hostname not in self.hosts:
            raise ApiError(403, "This server answers to localhost alone.", "host_not_allowed")
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self.key is None or request.url.path == "/health":
            return
        if not secrets.compare_digest(given.encode(), self.key.encode()):
            raise ApiError(401, "The API key is missing or wrong.", "invalid_api_key")

    async def _not_offered(self, request: Request, error: Any) -> Response:
        status = HTTPStatus(error.status_code)
        what = f"{request.method} {request.url.path}: {status.phrase.lower()}"
        told = ApiError(status, f"{what}; offered are {OFFERED}.", "not_offered")
        return JSONResponse(told.body, status)

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _models(self, request: Request) -> Response:
        return JSONResponse(model_list(self.served.subjects))

    async def _model(self, request: Request) -> Response:
        self._find(name := request.path_params["name"])
        return JSONResponse(one_model(name))

    def _find(self, name: str) -> Subject:
        if name not in self.served.subjects:
            raise ApiError(404, self.served.lacking(name), "model_not_found", "model")
        return self.served.subjects[name]

    async def _complete(self, request: Request) -> Response:
        asked = read_request(await _body(request))
        request.state.model = asked.model
        subject = self._find(asked.model)
        start = partial(self.chat.reply, subject, asked.prompt, asked.sampling)
        reply, parts = Reply(asked), self.replies.read(start)
        if asked.stream:
            first = await anext(parts)  # an error before it has a status of its own
            return Events(self._events(request, reply, first, parts))
        async with aclosing(parts):
            async for part in parts:
                reply.add(part)
                if await request.is_disconnected():
                    raise client_gone()
        self._note(request, 200, reply.length)
        return JSONResponse(reply.whole())

    async def _events(
        self, request: Request, reply: Reply, first: Part, parts: AsyncGenerator[Part]
    ) -> AsyncGenerator[str]:
        try:
            async with aclosing(parts):
                yield event(reply.chunk({"role": "assistant", "content": "", **reply.add(first)}))
                async for part in parts:
                    if new := reply.add(part):
                        yield event(reply.chunk(new))
            yield event(reply.chunk({}, reply.finish))
            if reply.asked.include_usage:
                yield event(reply.last_chunk())
            yield "data: [DONE]\n\n"
            self._note(request, 200, reply.length)
        except Exception as error:
            yield event(self._note_error(request, error).body)
        except BaseException:
            self._note_error(request, server_stopping() if self.replies.over else client_gone())
            raise


async def _body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ApiError: it is too large, or not said to be JSON: web pages may send other types to any
            address, without being asked.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise ApiError(415, "Content-Type: expected application/json.", "unsupported_media_type")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            what = f"The body is larger than {LARGEST // 2**20} MiB."
            raise ApiError(413, what, "request_too_large")
    return body
