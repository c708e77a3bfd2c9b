"""A reply, in OpenAI's form: whole, or as events."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcc_core.contract.platform.answering import Subject
from mlcc_core.contract.platform.chatting import Piece, ReplyEnd

Part = Piece | ReplyEnd


@dataclass
class Reply:
    """A reply as far as it has come, in OpenAI's form."""

    model: str
    subject: Subject
    text: str = ""
    thoughts: str = ""
    end: ReplyEnd | None = None
    began: float = field(default_factory=time.monotonic)
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
        tokens = {"prompt_tokens": asked, "completion_tokens": said}
        return {**tokens, "total_tokens": asked + said}

    @property
    def length(self) -> str:
        """Return the number of its tokens, in words."""
        tokens = self.end.tokens if self.end else None
        return "? tokens" if tokens is None else f"{tokens} tokens"

    def document(self, kind: str, choices: list[dict[str, Any]], **more: object) -> dict[str, Any]:
        """Return a document with these choices."""
        mark = hashlib.sha256(self.subject.fingerprint.encode()).hexdigest()[:12]
        head = {"id": self.name, "object": kind, "created": self.created, "model": self.model}
        return {**head, "system_fingerprint": f"mlcc_{mark}", "choices": choices, **more}

    def whole(self) -> dict[str, Any]:
        """Return the whole reply."""
        message = {"role": "assistant", "content": self.text}
        if self.thoughts:
            message["reasoning_content"] = self.thoughts
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}
        return self.document("chat.completion", [choice], usage=self.usage)

    def event(self, delta: Mapping[str, str] | None, finish: str | None = None) -> str:
        """Return an event with what is new; ``None`` for the one that has the usage alone."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        more = {"usage": self.usage} if delta is None else {}
        choices = [] if delta is None else [choice]
        return event(self.document("chat.completion.chunk", choices, **more))


def event(document: Mapping[str, object]) -> str:
    """Return a server-sent event."""
    return f"data: {json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n\n"
