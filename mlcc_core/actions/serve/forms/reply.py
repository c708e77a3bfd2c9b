"""A reply, in OpenAI's form: whole, or as events."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.actions.serve.forms.chat_request import ChatRequest
from mlcc_core.contract.platform.chatting import Piece, ReplyEnd

Part = Piece | ReplyEnd


@dataclass
class Reply:
    """A reply as far as it has come, in OpenAI's form."""

    asked: ChatRequest
    message: dict[str, str] = field(default_factory=lambda: {"role": "assistant", "content": ""})
    end: ReplyEnd = field(default_factory=ReplyEnd)
    name: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def add(self, part: Part) -> dict[str, str]:
        """Take the next part, and return what is new."""
        if isinstance(part, ReplyEnd):
            self.end = part
            return {}
        key = "reasoning_content" if part.thought else "content"
        self.message[key] = self.message.get(key, "") + part.text
        return {key: part.text}

    @property
    def finish(self) -> str:
        """Return why it ended."""
        return "length" if self.end.ended is False else "stop"

    @property
    def usage(self) -> dict[str, int] | None:
        """Return the numbers of tokens; ``None`` where the platform does not tell."""
        asked, said = self.end.prompt_tokens, self.end.tokens
        if asked is None or said is None:
            return None
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}

    @property
    def length(self) -> str:
        """Return the number of its tokens, in words."""
        return f"{'?' if self.end.tokens is None else self.end.tokens} tokens"

    def whole(self) -> dict[str, Any]:
        """Return the whole reply."""
        return self._document("chat.completion", "message", self.message, self.finish) | {
            "usage": self.usage
        }

    def chunk(self, delta: Mapping[str, str], finish: str | None = None) -> dict[str, Any]:
        """Return what is new, for a stream."""
        return self._document("chat.completion.chunk", "delta", delta, finish)

    def last_chunk(self) -> dict[str, Any]:
        """Return the chunk that has the usage alone."""
        return self.chunk({}) | {"choices": [], "usage": self.usage}

    def _document(
        self, kind: str, key: str, said: Mapping[str, str], finish: str | None
    ) -> dict[str, Any]:
        head = {"id": self.name, "object": kind, "created": self.created, "model": self.asked.model}
        choice = {"index": 0, key: said, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice]}


def event(document: Mapping[str, object]) -> str:
    """Return a server-sent event."""
    return f"data: {json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n\n"
