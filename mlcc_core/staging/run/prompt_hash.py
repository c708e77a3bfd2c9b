"""Hashes of prompts: equal prompts, equal hashes, whatever the format that they came in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from operator import attrgetter
from struct import Struct
from typing import Any

import msgspec

BITS = 64

PROMPT, MESSAGES, ROLE, ASSISTANT = "prompt", "messages", "role", "assistant"


class _Row(msgspec.Struct, gc=False):
    """The parts of a converted row that may be its prompt."""

    prompt: Any = None
    messages: Any = None


_decode_rows = msgspec.json.Decoder(_Row).decode_lines
_encode = msgspec.json.Encoder(order="sorted").encode
_sha256 = hashlib.sha256
_first_of = Struct(f">Q{hashlib.sha256().digest_size - BITS // 8}x").unpack


def prompt_hashes(lines: bytes) -> list[int]:
    """Return the hash of the prompt of each row, a number of ``BITS`` bits.

    The prompt is the column of that name; of a conversation, what comes before its first reply;
    of any other row, the whole row.

    Args:
        lines: converted rows as JSON lines, each ended by a newline.
    """
    try:
        rows = _decode_rows(lines)
    except (ValueError, RecursionError):
        rows = [_Row() for _ in range(lines.count(b"\n"))]
    prompts = list(map(attrgetter(PROMPT), rows))
    if set(map(type, prompts)) != {str}:
        texts = zip(rows, lines.split(b"\n")[:-1], strict=True)
        prompts = [_prompt_of(row, line) for row, line in texts]
    return [_first_of(_sha256(text.encode()).digest())[0] for text in prompts]


def _prompt_of(row: _Row, line: bytes) -> str:
    """Return the text that stands for the prompt of a row."""
    if isinstance(row.prompt, str):
        return row.prompt
    try:
        return _encode(_without_nulls(_context_of(row, line))).decode()
    except RecursionError:  # how deep Python goes differs by its version; equal rows stay equal
        return line.decode()


def _context_of(row: _Row, line: bytes) -> Any:
    if row.prompt is not None:
        return row.prompt
    if isinstance(row.messages, list) and row.messages:
        return list(_before_reply(row.messages)) or row.messages
    return json.loads(line)


def _before_reply(messages: list[Any]) -> Iterator[Any]:
    for message in messages:
        if isinstance(message, dict) and message.get(ROLE) == ASSISTANT:
            return
        yield message


def _without_nulls(value: Any) -> Any:
    """Drop keys without a value: columnar files have every key in every row."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return list(map(_without_nulls, value))
    return value
