"""The runtime: invocations, whole and streamed, with and without an inference component."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from tests.aws_account.account import Params
from tests.aws_account.door import event_stream
from tests.aws_account.door.answers import Answer, ServiceError
from tests.aws_account.serving.components import Components
from tests.aws_account.serving.endpoints import Serving
from tests.aws_account.serving.streaming import streamed

VARIANT = {"x-Amzn-Invoked-Production-Variant": "AllTraffic"}

Responder = Callable[[str, Any], Any]
"""From the component's name ("" for an endpoint without components) and the request's JSON
document to the answer's JSON document."""

Streamer = Callable[[str, Any], Iterable[bytes]]
"""From the same to the parts of a payload. A ``ServiceError`` before the first part refuses the
request; later it is the error that ends the stream."""


def reply(component: str, document: Any) -> Any:
    """What a component says by default: another text for every component, in the form asked for.

    A document with ``messages`` is answered as a chat completion, one with ``inputs`` as
    ``{"generated_text": …}``.
    """
    prompt = document.get("inputs") if isinstance(document, dict) else None
    messages = document.get("messages") if isinstance(document, dict) else None
    if messages:
        prompt = messages[-1]["content"]
    text = f"{component or 'the model'} says: {prompt}"
    if messages:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {"object": "chat.completion", "choices": [choice]}
    return {"generated_text": text}


class Runtime:
    """Answers invocations.

    Attributes:
        responder: makes the answers; :func:`reply` by default. May raise a ``ServiceError``.
        streamer: makes streams; by default the responder's answer, as server-sent events.
        left: streams that were not read to their end.
        at_once: the most invocations that were answered at the same time so far.
    """

    def __init__(self, serving: Serving, components: Components) -> None:
        self._serving = serving
        self._components = components
        self._lock = Lock()
        self._present = 0
        self.clear()

    def clear(self) -> None:
        self.responder: Responder = reply
        self.streamer: Streamer = self._streamed
        self.left = 0
        self.at_once = 0

    def invoke_endpoint(self, params: Params) -> Answer:
        component, document = self._asked(params)
        with self._counted():
            body = json.dumps(self.responder(component, document)).encode()
        return Answer(200, body, {"Content-Type": "application/json", **VARIANT})

    def invoke_endpoint_with_response_stream(self, params: Params) -> Answer:
        component, document = self._asked(params)
        stream = iter(self.streamer(component, document))
        frames = self._frames(next(stream, b""), stream)
        headers = {
            "Content-Type": event_stream.CONTENT_TYPE,
            "X-Amzn-SageMaker-Content-Type": "text/event-stream",
            **VARIANT,
        }
        return Answer(200, headers=headers, parts=frames)

    def _frames(self, first: bytes, rest: Iterator[bytes]) -> Generator[bytes, None, None]:
        try:
            with self._counted():
                yield event_stream.payload_part(first)
                for part in rest:
                    yield event_stream.payload_part(part)
        except ServiceError as error:
            yield event_stream.failure(error.code, {"Message": error.message, **error.more})
        except GeneratorExit:
            self.left += 1
            raise

    def _streamed(self, component: str, document: Any) -> Iterable[bytes]:
        return streamed(document, self.responder(component, document))

    def _asked(self, params: Params) -> tuple[str, Any]:
        endpoint, component = params["EndpointName"], params.get("InferenceComponentName", "")
        self._check(endpoint, component)
        try:
            return component, json.loads(params.get("Body", b"") or b"null")
        except ValueError:
            raise _model_error("the body is not JSON") from None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._present += 1
            self.at_once = max(self.at_once, self._present)
        try:
            yield
        finally:
            with self._lock:
                self._present -= 1

    def _check(self, endpoint: str, component: str) -> None:
        try:
            status = self._serving.endpoint(endpoint)["EndpointStatus"]
        except ServiceError:
            status = ""
        if status not in ("InService", "Updating"):
            raise _invalid(f"Endpoint {endpoint} of account 123456789012 not found.")
        there = self._components.of_endpoint(endpoint)
        if not component and there:
            code = "INFERENCE_COMPONENT_NAME_MISSING"
            text = (
                "Inference Component Name header is required for endpoints to which you plan to "
                "deploy inference components."
            )
            raise ServiceError("ValidationError", text, 400, {"ErrorCode": code})
        if not component:
            return
        state = self._components.components.get(component, {})
        if component not in there or not self._components.serves(component):
            raise _invalid(
                f"Inference Component {component} of endpoint {endpoint} not found."
                if not state
                else f"Inference Component {component} is in status "
                f"{state['InferenceComponentStatus']}."
            )


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)


def _model_error(message: str) -> ServiceError:
    text = f'Received client error (400) from primary with message "{message}".'
    return ServiceError("ModelError", text, 424, {"OriginalStatusCode": 400})
