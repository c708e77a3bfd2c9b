"""A real model behind the endpoint of the stand-in account: base and adapters, by the engine."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from mlcc_engine import generate

TINY = "mlcc-tiny"


class RealModel:
    """Answers invocations as a container does that serves ``mlcc-tiny`` and adapters on it.

    Args:
        aws: the account; adapters are read from where their components say.
        folder: for what is unpacked.
    """

    def __init__(self, aws: Any, folder: Path) -> None:
        self._aws = aws
        self._folder = folder
        self._lock = Lock()
        self._loaded: dict[str, generate.ChatModel] = {}

    def __call__(self, component: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._lock:
            model = self._model(component)
            [reply] = model.reply([document["messages"]], document["max_tokens"])
        assert document["temperature"] == 0
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": reply.content},
            "finish_reason": "stop" if reply.ended else "length",
        }
        usage = {"completion_tokens": reply.tokens}
        return {"object": "chat.completion", "choices": [choice], "usage": usage}

    def _model(self, component: str) -> generate.ChatModel:
        if component not in self._loaded:
            specification = self._aws.components.components[component]["Specification"]
            archive = specification.get("Container", {}).get("ArtifactUrl")
            adapter = self._unpacked(component, archive) if archive else None
            self._loaded[component] = generate.load(TINY, adapter=adapter)
        return self._loaded[component]

    def _unpacked(self, component: str, uri: str) -> Path:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        folder = self._folder / component
        with tarfile.open(fileobj=io.BytesIO(self._aws.objects(bucket, key)[key])) as archive:
            archive.extractall(folder, filter="data")
        return folder
