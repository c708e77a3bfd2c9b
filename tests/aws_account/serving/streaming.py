"""The bytes of a container that streams: an answer as chunks of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PART_BYTES = 48
"""Bytes of a payload part: parts end anywhere, within words and within characters."""


def streamed(document: Any, answer: Any) -> Iterator[bytes]:
    """Yield an answer as a container does that was asked to stream.

    Args:
        document: the request.
        answer: what a whole answer would be; one that is not a chat completion comes whole.
    """
    asked = isinstance(document, dict) and document.get("stream") is True
    if not asked or not isinstance(answer, dict) or "message" not in _choice(answer):
        yield from parts(json.dumps(answer).encode())
        return
    yield from parts(b"".join(events(document, answer)))


def events(document: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield a chat completion as server-sent events, a word each."""
    choice = _choice(answer)
    words = str(choice["message"].get("content") or "").split(" ")
    yield event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
    for place, word in enumerate(words):
        text = word if place == 0 else f" {word}"
        yield event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})
    yield event(
        {"choices": [{"index": 0, "delta": {}, "finish_reason": choice.get("finish_reason")}]}
    )
    if (document.get("stream_options") or {}).get("include_usage") and "usage" in answer:
        yield event({"choices": [], "usage": answer["usage"]})
    yield b"data: [DONE]\n\n"


def event(document: Mapping[str, Any]) -> bytes:
    """One server-sent event; characters stand for themselves, as vLLM writes them."""
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n".encode()


def parts(data: bytes, size: int = PART_BYTES) -> Iterator[bytes]:
    """Yield bytes in pieces of that size."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _choice(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = answer.get("choices") or [{}]
    return choices[0] if isinstance(choices[0], dict) else {}
