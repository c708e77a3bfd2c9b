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
    text: str = ""
    thoughts: str = ""
    end: ReplyEnd | None = None
    name: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def add(self, part: Part) -> dict[str, str]:
        """Take the next part, and return what is new."""
        if isinstance(part, ReplyEnd):
            self.end = part
            return {}
        if part.thought:
            self.thoughts += part.text
            return {"reasoning_content": part.text}
        self.text += part.text
        return {"content": part.text}

    @property
    def finish(self) -> str | None:
        """Return why it ended."""
        return None if self.end is None else "length" if self.end.ended is False else "stop"

    @property
    def usage(self) -> dict[str, int] | None:
        """Return the numbers of tokens; ``None`` where the platform does not tell."""
        if self.end is None or self.end.tokens is None or self.end.prompt_tokens is None:
            return None
        asked, said = self.end.prompt_tokens, self.end.tokens
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}

    @property
    def length(self) -> str:
        """Return the number of its tokens, in words."""
        tokens = self.end and self.end.tokens
        return f"{'?' if tokens is None else tokens} tokens"

    def whole(self) -> dict[str, Any]:
        """Return the whole reply."""
        thoughts = {"reasoning_content": self.thoughts} if self.thoughts else {}
        message = {"role": "assistant", "content": self.text, **thoughts}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        return self._document("chat.completion", choice) | {"usage": self.usage}

    def chunk(self, delta: Mapping[str, str], finish: str | None = None) -> dict[str, Any]:
        """Return what is new, for a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._document("chat.completion.chunk", choice)

    def last_chunk(self) -> dict[str, Any]:
        """Return the chunk that has the usage alone."""
        return self._document("chat.completion.chunk") | {"usage": self.usage}

    def _document(self, kind: str, *choices: Mapping[str, object]) -> dict[str, Any]:
        head = {"id": self.name, "object": kind, "created": self.created, "model": self.asked.model}
        return {**head, "choices": choices}


def event(document: Mapping[str, object]) -> str:
    """Return a server-sent event."""
    return f"data: {json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n\n"
