"""Chunks of a stream that a container sends, in all the forms that containers have.

Most send OpenAI's chunks as server-sent events, some a JSON document a line, and some, asked to
stream, their whole answer:

    data: {"choices": [{"delta": {"content": "4"}, "finish_reason": null}]}

    data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}

    data: [DONE]

    {"token": {"text": "4"}, "generated_text": null}

Parts of the payload end anywhere, within characters too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlcc_sagemaker.answering.answers import count_of, ended_by, mapping_of, text_of

DONE = "[DONE]"
DATA = "data:"
OTHER_FIELDS = (":", "event:", "id:", "retry:")
"""Fields of a server-sent event that say nothing here."""

THOUGHTS = ("reasoning_content", "reasoning")
"""Names under which containers that know a model's thoughts send them apart."""


class ContainerFailure(Exception):
    """A container's own error within its stream.

    Attributes:
        status: as it would have answered with; ``None`` where it does not tell.
    """

    def __init__(self, words: str, status: int | None) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a reply.

    Attributes:
        text: of the answer, thoughts that the container did not tell apart included.
        thought: text that the container calls a thought.
        last: the reply ends with it.
        ended: the model ended the reply by itself; ``None`` for what is not told.
        tokens, prompt_tokens: where the container counts them.
    """

    text: str = ""
    thought: str = ""
    last: bool = False
    ended: bool | None = None
    tokens: int | None = None
    prompt_tokens: int | None = None


class Chunks:
    """Reads the parts of a payload.

    Attributes:
        events: the parts hold server-sent events.
        done: the container said that no more comes.
    """

    def __init__(self) -> None:
        self.events = False
        self.done = False
        self._line = b""
        self._document = ""

    def feed(self, part: bytes) -> Iterator[Chunk]:
        """Yield the chunks that are whole with this part.

        Raises:
            ContainerFailure: the container says that it failed.
            ValueError: the reply broke off.
            KeyError, IndexError, TypeError: a document is not of a reply.
        """
        *lines, self._line = (self._line + part).split(b"\n")
        for line in lines:
            yield from self._read(line.decode().rstrip("\r"))

    def finish(self) -> Iterator[Chunk]:
        """Yield what the last line holds, which may end without a line's end.

        Raises:
            ValueError: it is cut.
        """
        yield from self.feed(b"\n")
        if self._document.strip():
            raise ValueError(f"cut: {self._document[:60]!r}")

    def _read(self, line: str) -> Iterator[Chunk]:
        if line.startswith(OTHER_FIELDS) and not self._document:
            return
        self.events = self.events or line.startswith(DATA)
        self._document += line.removeprefix(DATA)
        if self._document.strip() == DONE:
            self.done, self._document = True, ""
            return
        try:
            document = json.loads(self._document)
        except ValueError:
            return  # a document over several lines
        self._document = ""
        yield read_chunk(document)


def read_chunk(document: Any) -> Chunk:
    """Return the part of a reply in a document.

    Raises:
        ContainerFailure: the container says that it failed.
        ValueError: the reply broke off.
        KeyError, IndexError, TypeError: the document is not of a reply.
    """
    if isinstance(document, list):
        document = document[0]
    if not isinstance(document, Mapping):
        raise TypeError(type(document).__name__)
    _check(document)
    if "choices" in document:
        return _of_choices(document)
    return _of_token(document) if "token" in document else _whole(document)


def _of_token(document: Mapping[str, Any]) -> Chunk:
    """Read a token; the last one comes with the whole text, which has come already."""
    token = mapping_of(document["token"])
    text = "" if token.get("special") else text_of(token.get("text"))
    if document.get("generated_text") is None and not document.get("details"):
        return Chunk(text)
    ended, tokens = _end(document)
    return Chunk(text, last=True, ended=ended, tokens=tokens)


def _of_choices(document: Mapping[str, Any]) -> Chunk:
    usage = mapping_of(document.get("usage"))
    tokens, asked = count_of(usage, "completion_tokens"), count_of(usage, "prompt_tokens")
    if not document["choices"]:
        if not usage:
            raise IndexError("no choices")
        return Chunk(tokens=tokens, prompt_tokens=asked)
    choice = document["choices"][0]
    said = choice.get("delta", choice.get("message"))
    whole = "message" in choice
    reason = choice.get("finish_reason")
    last = whole or reason is not None
    ended = ended_by(reason)
    if said is None:
        return Chunk(text_of(choice["text"]), "", last, ended, tokens, asked)
    thought = next((text_of(said[name]) for name in THOUGHTS if said.get(name)), "")
    return Chunk(text_of(said.get("content")), thought, last, ended, tokens, asked)


def _whole(document: Mapping[str, Any]) -> Chunk:
    ended, tokens = _end(document)
    return Chunk(str(document["generated_text"]), last=True, ended=ended, tokens=tokens)


def _end(document: Mapping[str, Any]) -> tuple[bool | None, int | None]:
    details = mapping_of(document.get("details"))
    return ended_by(details.get("finish_reason")), count_of(details, "generated_tokens")


def _check(document: Mapping[str, Any]) -> None:
    """Refuse an error in the place of a chunk, as vLLM and others send it."""
    error = document.get("error")
    if error is None and document.get("object") != "error":
        return
    about = error if isinstance(error, Mapping) else document
    words = about.get("message") or error or "no reason was given"
    code = about.get("code") or about.get("status_code")
    raise ContainerFailure(str(words), int(str(code)) if str(code).isdecimal() else None)
