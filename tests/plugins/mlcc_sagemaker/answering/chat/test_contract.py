"""Conversations with an endpoint keep the contract of conversations."""

from __future__ import annotations

import hashlib
import json

import pytest

from mlcc_core.testing.contracts import ChatContract
from tests.plugins.mlcc_sagemaker.artifacts import ADAPTER
from tests.plugins.mlcc_sagemaker.conftest import QWEN


def container(component, document):
    """Answer with words that follow from the model, the conversation and the seed alone."""
    drawn = document.get("seed") if document["temperature"] else None
    asked = json.dumps([component, document["messages"], drawn])
    digest = hashlib.sha256(asked.encode()).hexdigest()
    words = [digest[start : start + 4] for start in range(0, 40, 4)]
    longest = document.get("max_tokens", len(words))
    text = " ".join(words[:longest])
    stops = [place for stop in document.get("stop", ()) if (place := text.find(stop)) >= 0]
    text = text[: min(stops, default=len(text))]
    ended = bool(stops) or longest >= len(words)
    message = {"role": "assistant", "content": text}
    return {
        "choices": [{"message": message, "finish_reason": "stop" if ended else "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": max(1, len(text.split()))},
    }


class TestEndpointChat(ChatContract):
    @pytest.fixture
    def subjects(self, served, context, platform):
        served.runtime.responder = container
        platform.serving.add_adapter(context, "tuned", ADAPTER)
        answering = platform.answering
        return answering.base_subject(context, QWEN), answering.find_subject(context, "tuned")

    @pytest.fixture
    def session(self, context, platform, subjects):
        with platform.answering.open_chat(context, subjects) as chat:
            yield chat
