"""Bedrock's runtime for imported models: invocations, whole and streamed, and cold starts."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Iterator
from typing import Any

from tests.aws_account.account import Params
from tests.aws_account.bedrock.imports import Imports
from tests.aws_account.door import event_stream
from tests.aws_account.door.answers import Answer, ServiceError, invalid
from tests.aws_account.serving.runtime import Runtime
from tests.aws_account.serving.streaming import events

NOT_READY = "Model is not ready for inference. Wait and try your request again."


class BedrockRuntime:
    """Answers with the responder of :class:`Runtime`, which is given the model's name.

    Attributes:
        cold: how many requests are answered with ``ModelNotReadyException`` before the next
            one is served.
        left: streams that were not read to their end.
    """

    def __init__(self, imports: Imports, runtime: Runtime) -> None:
        self._imports = imports
        self._runtime = runtime
        self.clear()

    def clear(self) -> None:
        self.cold = 0
        self.left = 0

    def invoke_model(self, params: Params) -> Answer:
        _, answer = self._answer(params)
        headers = {"Content-Type": "application/json"}
        return Answer(200, json.dumps(answer).encode(), headers)

    def invoke_model_with_response_stream(self, params: Params) -> Answer:
        document, answer = self._answer(params)
        headers = {
            "Content-Type": event_stream.CONTENT_TYPE,
            "X-Amzn-Bedrock-Content-Type": "application/json",
        }
        return Answer(200, headers=headers, parts=self._frames(document, answer))

    def _answer(self, params: Params) -> tuple[Any, Any]:
        model = str(params["modelId"])
        if ":imported-model/" not in model:
            raise invalid("The provided model identifier is invalid.")
        name = self._imports.model(model)["modelName"]
        if self.cold > 0:
            self.cold -= 1
            raise ServiceError("ModelNotReadyException", NOT_READY, 429)
        try:
            document = json.loads(params.get("body") or b"null")
        except ValueError:
            raise invalid("Malformed input request, please reformat your input.") from None
        if not isinstance(document, dict) or "messages" not in document:
            raise invalid("Malformed input request: 'messages' is missing.")
        return document, self._runtime.responder(name, document)

    def _frames(self, document: Any, answer: Any) -> Generator[bytes, None, None]:
        try:
            for part in _chunks(document, answer):
                yield _frame(part)
        except GeneratorExit:
            self.left += 1
            raise


def _chunks(document: Any, answer: Any) -> Iterator[bytes]:
    """Yield a chat completion's chunks, a JSON document each."""
    for event in events(document, answer):
        text = event.decode().strip().removeprefix("data:").strip()
        if text != "[DONE]":
            yield text.encode()


def _frame(data: bytes) -> bytes:
    headers = {
        ":event-type": "chunk",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return event_stream.frame(
        headers, json.dumps({"bytes": base64.b64encode(data).decode()}).encode()
    )
